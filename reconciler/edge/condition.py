"""Target conditions: which devices a deployment is for.

A condition is a boolean expression over `tags.*`, `properties.reported.*` and `deviceId`
(https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring#target-condition); `*`
alone means every device. It is read into a tree, which has one canonical spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Scalar: TypeAlias = "str | int | float | bool"


@dataclass(frozen=True, slots=True)
class Field:
    """What is looked at: `tags` or `properties.reported` and the keys below, or `deviceId`."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """A field and a value, with `=`, `!=`, `<`, `<=`, `>` or `>=` between them."""

    field: Field
    operator: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class Defined:
    """`IS_DEFINED(field)`, the one function of target conditions."""

    field: Field


@dataclass(frozen=True, slots=True)
class Not:
    term: Condition


@dataclass(frozen=True, slots=True)
class AllOf:
    """Terms joined by AND."""

    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Terms joined by OR."""

    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class EveryDevice:
    """`*`."""


Condition: TypeAlias = "Compare | Defined | Not | AllOf | AnyOf | EveryDevice"

KEYWORDS = frozenset(
    {"and", "as", "by", "false", "from", "group", "in", "nin", "not", "null", "or", "select"}
    | {"top", "true", "undefined", "where"}
)
"""Words of the hub's language, which refuses them as names unless they stand in brackets
(https://github.com/MicrosoftDocs/azure-docs/issues/17106)."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOUBTFUL = KEYWORDS | {"asc", "avg", "count", "desc", "is", "limit", "max", "min", "order", "sum"}
_WHOLE = 2.0**53


def printed(condition: Condition) -> str:
    """The one spelling of a condition.

    OR always stands in parentheses: the hub pastes conditions behind an AND of its own.
    """
    match condition:
        case EveryDevice():
            return "*"
        case Compare(field, operator, value):
            return f"{path_text(field.path)} {operator} {_literal(value)}"
        case Defined(field):
            return f"IS_DEFINED({path_text(field.path)})"
        case Not(term):
            inner = printed(term)
            return f"NOT {inner if isinstance(term, AnyOf) else f'({inner})'}"
        case AllOf(terms):
            return " AND ".join(printed(term) for term in terms)
        case AnyOf(terms):
            return f"({' OR '.join(printed(term) for term in terms)})"


def path_text(path: tuple[str, ...]) -> str:
    """A path as it stands in a condition: what is no plain name stands in brackets."""
    return ".".join(step if is_plain(step) else f"[[{step}]]" for step in path)


def is_plain(step: str) -> bool:
    """Whether a name needs no brackets."""
    return _IDENTIFIER.fullmatch(step) is not None and step.lower() not in _DOUBTFUL


def fields(condition: Condition) -> Iterator[Field]:
    """Every field that a condition looks at, as often as it does."""
    match condition:
        case EveryDevice():
            return
        case Compare(field) | Defined(field):
            yield field
        case Not(term):
            yield from fields(term)
        case AllOf(terms) | AnyOf(terms):
            for term in terms:
                yield from fields(term)


def comparisons(condition: Condition) -> Iterator[Compare]:
    """Every comparison in a condition."""
    match condition:
        case Compare():
            yield condition
        case Not(term):
            yield from comparisons(term)
        case AllOf(terms) | AnyOf(terms):
            for term in terms:
                yield from comparisons(term)
        case _:
            return


def _literal(value: Scalar) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            doubled = value.replace("'", "''")
            return f"'{doubled}'"
        case float() if value.is_integer() and abs(value) < _WHOLE:
            return str(int(value))
        case int() | float():
            return repr(value)
