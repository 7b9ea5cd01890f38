"""Two readings of target conditions, written apart, are held against each other.

The reconciler prints a condition from its tree; the emulator reads the text and compiles it to
SQL. A third, naive evaluation of the tree says what must come out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

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
    printed,
)
from reconciler.emulator.hub import condition, seeding
from reconciler.emulator.hub.schema import SCHEMA

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
KEYS = ("ring", "plant-a", "Floor", "group")
TEXTS = ("one", "two", "O'Neill", "9", "true", "")
VALUES = st.one_of(st.sampled_from(TEXTS), st.booleans(), st.integers(-2, 9), st.just(2.5))
TAGS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3)
FIELDS = st.sampled_from(KEYS).map(lambda key: Field(("tags", key)))
COMPARISONS = st.builds(Compare, FIELDS, st.sampled_from(("=", "!=", "<", "<=", ">", ">=")), VALUES)
DEFINED = st.builds(Defined, FIELDS)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    COMPARISONS | DEFINED,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda *terms: AllOf(terms), inner, inner),
        st.builds(lambda *terms: AnyOf(terms), inner, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(CONDITIONS, st.lists(TAGS, min_size=1, max_size=5))
def test_a_printed_condition_selects_the_devices_that_its_tree_means(
    wanted: Condition, fleet: list[Mapping[str, Scalar]]
) -> None:
    expected = {f"d{at}" for at, tags in enumerate(fleet) if holds(wanted, tags)}
    assert selected(printed(wanted), fleet) == expected


def selected(text: str, fleet: list[Mapping[str, Scalar]]) -> set[str]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        db.executescript(SCHEMA)
        lines = [
            {"deviceId": f"d{at}", "edge": False, "tags": tags} for at, tags in enumerate(fleet)
        ]
        seeding.seed(db, lines, "hub", NOW)
        selection = condition.select(text)
        query = "SELECT device_id FROM hub_identity t WHERE CONDITION"
        found = db.execute(query.replace("CONDITION", selection.sql), selection.parameters)
        return {row[0] for row in found}


def holds(wanted: Condition, tags: Mapping[str, Scalar]) -> bool | None:
    """None is undefined: neither it nor its opposite selects a device."""
    match wanted:
        case EveryDevice():
            return True
        case Compare(Field(path), operator, value):
            return compared(tags.get(path[1]), operator, value)
        case Defined(Field(path)):
            return path[1] in tags
        case Not(term):
            inner = holds(term, tags)
            return None if inner is None else not inner
        case AllOf(terms):
            outcomes = [holds(term, tags) for term in terms]
            return False if False in outcomes else None if None in outcomes else True
        case AnyOf(terms):
            outcomes = [holds(term, tags) for term in terms]
            return True if True in outcomes else None if None in outcomes else False


def compared(left: Scalar | None, operator: str, right: Scalar) -> bool | None:
    """Text with text, number with number; booleans are equal or not, never more or less."""
    if isinstance(left, bool) and isinstance(right, bool):
        return {"=": left is right, "!=": left is not right}.get(operator)
    if isinstance(left, str) and isinstance(right, str):
        return ordered((left > right) - (left < right), operator)
    if isinstance(left, bool) or isinstance(right, bool):
        return None
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return ordered((left > right) - (left < right), operator)
    return None


def ordered(sign: int, operator: str) -> bool:
    return {
        "=": sign == 0,
        "!=": sign != 0,
        "<": sign < 0,
        "<=": sign <= 0,
        ">": sign > 0,
        ">=": sign >= 0,
    }[operator]
