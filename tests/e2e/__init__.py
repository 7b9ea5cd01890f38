"""The whole of it, as a person runs it."""
