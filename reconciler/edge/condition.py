"""Target conditions: which devices a deployment is for.

A condition is a boolean expression over `tags.*`, `properties.reported.*` and `deviceId`
(https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring#target-condition); `*`
alone means every device. It is read into a tree, which has one canonical spelling.
"""

from __future__ import annotations

import re
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
class Call:
    """A function of the hub's query language, such as `IS_DEFINED(field)`."""

    function: str
    field: Field
    values: tuple[Scalar, ...] = ()


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


Condition: TypeAlias = "Compare | Call | Not | AllOf | AnyOf | EveryDevice"

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


def printed(condition: Condition) -> str:
    """The one spelling of a condition.

    OR always stands in parentheses: the hub pastes conditions behind an AND of its own.
    """
    match condition:
        case EveryDevice():
            return "*"
        case Compare(field, operator, value):
            return f"{_field(field)} {operator} {_literal(value)}"
        case Call(function, field, values):
            return f"{function}({', '.join([_field(field), *map(_literal, values)])})"
        case Not(term):
            inner = printed(term)
            return f"NOT {inner if isinstance(term, AnyOf) else f'({inner})'}"
        case AllOf(terms):
            return " AND ".join(printed(term) for term in terms)
        case AnyOf(terms):
            return f"({' OR '.join(printed(term) for term in terms)})"


def _field(field: Field) -> str:
    steps = [step if _IDENTIFIER.fullmatch(step) else f"[[{step}]]" for step in field.path]
    return ".".join(steps)


def _literal(value: Scalar) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            doubled = value.replace("'", "''")
            return f"'{doubled}'"
        case int() | float():
            return f"{value:g}" if isinstance(value, float) and value.is_integer() else repr(value)
