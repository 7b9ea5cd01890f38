"""Whether a device matches a condition.

Values are compared with their like only: a tag `9` is not `'9'`, and `true` is not `1`. A
comparison of unlike values, or with what is missing, is neither true nor false: neither it nor
its opposite selects the device.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from reconciler.edge.condition import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Defined,
    EveryDevice,
    Field,
    Not,
    Scalar,
    fields,
)
from reconciler.edge.twin import Cell, Odd, Twin, cell, looked_up

Row: TypeAlias = Sequence[Cell]
Test: TypeAlias = Callable[[Row], "bool | None"]
"""True selects; None is what can be told neither way."""

_ORDERS: Mapping[str, frozenset[int]] = {
    "=": frozenset({0}),
    "!=": frozenset({-1, 1}),
    "<": frozenset({-1}),
    "<=": frozenset({-1, 0}),
    ">": frozenset({1}),
    ">=": frozenset({0, 1}),
}
"""How the left value may stand to the right one: below it, equal, or above."""


def matches(condition: Condition, twin: Twin) -> bool:
    """Whether a deployment with this condition is for the device."""
    looked = tuple(dict.fromkeys(fields(condition)))
    row = [cell(looked_up(twin, field)) for field in looked]
    test = compiled(condition, {field: at for at, field in enumerate(looked)})
    return twin.edge and test(row) is True


def compiled(condition: Condition, columns: Mapping[Field, int]) -> Test:
    """The condition as a function of a row, in which each field has its column."""
    match condition:
        case EveryDevice():
            return lambda _row: True
        case Compare(field, sign, value):
            return _comparison(columns[field], sign, value)
        case Defined(field):
            return _defined(columns[field])
        case Not(term):
            return _opposite(compiled(term, columns))
        case AllOf(terms):
            return _joined([compiled(term, columns) for term in terms], until=False)
        case AnyOf(terms):
            return _joined([compiled(term, columns) for term in terms], until=True)


def _comparison(column: int, sign: str, value: Scalar) -> Test:
    if isinstance(value, bool):
        return _truth(column, sign, Odd.TRUE if value else Odd.FALSE)
    orders = _ORDERS[sign]
    return (
        _text(column, orders, value) if isinstance(value, str) else _number(column, orders, value)
    )


def _text(column: int, orders: frozenset[int], value: str) -> Test:
    def test(row: Row) -> bool | None:
        found = row[column]
        if isinstance(found, str):
            return (found > value) - (found < value) in orders
        return None

    return test


def _number(column: int, orders: frozenset[int], value: float) -> Test:
    def test(row: Row) -> bool | None:
        found = row[column]
        if isinstance(found, int | float):
            return (found > value) - (found < value) in orders
        return None

    return test


def _truth(column: int, sign: str, wanted: Odd) -> Test:
    """Truth values are equal or not, never more or less."""
    if sign not in {"=", "!="}:
        return lambda _row: None

    def test(row: Row) -> bool | None:
        found = row[column]
        if found is Odd.TRUE or found is Odd.FALSE:
            return (found is wanted) is (sign == "=")
        return None

    return test


def _defined(column: int) -> Test:
    return lambda row: row[column] is not None


def _opposite(test: Test) -> Test:
    def opposite(row: Row) -> bool | None:
        found = test(row)
        return None if found is None else not found

    return opposite


def _joined(tests: Sequence[Test], *, until: bool) -> Test:
    """AND ends at what is false, OR at what is true; else one doubt leaves the whole in doubt."""

    def joined(row: Row) -> bool | None:
        doubt = False
        for test in tests:
            found = test(row)
            if found is until:
                return until
            doubt = doubt or found is None
        return None if doubt else not until

    return joined
