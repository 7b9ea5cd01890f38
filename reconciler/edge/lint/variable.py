"""What a variable will fill in later, and what nobody has filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reconciler.model import Fault, FieldPath, Severity, Spec, Value

_VARIABLE = re.compile(r"(?<!\$)\$\{")
_UNFILLED = re.compile(r"<[A-Za-z][^<>]*>|\{\{\s*[\w.-]+\s*\}\}|#\{[\w.-]+\}#|#[A-Z][\w.]*#")
_LOOKED_AT = ("edgeAgent", "edgeHub", "modules", "twins", "routes")


def is_open(value: Value) -> bool:
    """Whether a value is text with a variable in it."""
    return isinstance(value, str) and _VARIABLE.search(value) is not None


def unfilled(spec: Spec) -> Iterator[Fault]:
    """Texts that are the placeholder of some other tool."""
    for field in _LOOKED_AT:
        yield from _unfilled((field,), spec.get(field))


def _unfilled(path: FieldPath, value: Value) -> Iterator[Fault]:
    if isinstance(value, str) and _UNFILLED.fullmatch(value):
        summary = f"{value} looks like a placeholder that nobody has filled in"
        hint = "write a value, or ${name} for a variable of the environment"
        yield Fault(path, "placeholder.unfilled", summary, hint, Severity.WARNING)
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _unfilled((*path, key), inner)
    if isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _unfilled((*path, str(index)), inner)
