"""Model: bytes that somebody trained."""
