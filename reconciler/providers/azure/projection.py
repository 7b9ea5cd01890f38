"""Queries that ask for some fields of twins, and rows that become twins again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

LONGEST = 8192
"""Bytes of a query: https://github.com/Azure/azure-iot-sdk-csharp/issues/1680."""


def put(into: dict[str, Any], path: Sequence[str], value: object) -> None:
    """Set a value below keys; two fields of which one holds the other say the same."""
    *above, last = path
    for key in above:
        inner = into.get(key)
        into[key] = inner if isinstance(inner, dict) else {}
        into = into[key]
    if not isinstance(into.get(last), dict) or isinstance(value, dict):
        into[last] = value
