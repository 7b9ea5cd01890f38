"""Plain data, looked at with a type in mind."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model.resource import Spec, Value


def mapping(value: Value) -> Spec:
    """`value`, or nothing where it is no mapping."""
    return value if isinstance(value, dict | Mapping) else {}


def sequence(value: Value) -> tuple[Value, ...]:
    """`value`, or nothing where it is no list."""
    return value if isinstance(value, tuple) else ()


def text(value: Value) -> str:
    """`value`, or nothing where it is no text."""
    return value if isinstance(value, str) else ""
