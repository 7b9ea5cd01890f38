"""Environment: where a fleet is applied."""
