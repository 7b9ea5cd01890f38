"""What a variable will fill in later cannot be judged yet."""

from __future__ import annotations

from reconciler.model import Value


def is_open(value: Value) -> bool:
    """Whether a value is text with a variable in it."""
    return isinstance(value, str) and "${" in value
