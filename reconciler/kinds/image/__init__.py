"""Image: a container that serves models."""
