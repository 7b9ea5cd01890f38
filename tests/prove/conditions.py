"""Proves that the hub and we read conditions alike: `python -m tests.prove.conditions [--full]`.

Random conditions are printed, read back and evaluated over random twins twice: by
`reconciler.edge`, and by the emulator, which compiles the text to SQL. Prints
`conditions: tried=N violations=N`, counting pairs of a condition and a twin.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeAlias

from hypothesis import HealthCheck, given, settings
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
    printed,
)
from reconciler.edge.condition_text import parse
from reconciler.edge.evaluation import matches
from reconciler.edge.twin import Twin
from reconciler.emulator.hub import condition as service
from reconciler.emulator.hub.schema import SCHEMA

Section: TypeAlias = Mapping[str, object]

SHOWN = 5
EXAMPLES, FULL = 420, 4000
"""Sets of conditions and twins; each gives about a hundred pairs."""

KEYS = ("site", "plant-a", "Floor", "group", "count", "_x", "é", "a b")
TEXTS = ("one", "two", "O'Neill", "9", "true", "", "One", "ü", "\U0001f600", "\uffee", "1.5")
VALUES = st.one_of(
    st.sampled_from(TEXTS), st.booleans(), st.integers(-2, 9), st.sampled_from((2.5, -0.5, 1e-7))
)
ODD: st.SearchStrategy[object] = st.one_of(st.just([]), st.just({}), st.just(["one"]), st.none())
SECTIONS: st.SearchStrategy[Section] = st.dictionaries(
    st.sampled_from(KEYS),
    st.one_of(VALUES, ODD, st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=2)),
    max_size=4,
)
DEVICES = st.sampled_from(("one", "9", "true", *(f"gw-{at:03}" for at in range(12)), "GW-001"))
TWINS = st.builds(Twin, DEVICES, st.booleans(), SECTIONS, SECTIONS)
STEPS = st.lists(st.sampled_from(KEYS), min_size=1, max_size=2)
FIELDS = st.one_of(
    st.just(Field(("deviceId",))),
    STEPS.map(lambda keys: Field(("tags", *keys))),
    STEPS.map(lambda keys: Field(("properties", "reported", *keys))),
)
SIGNS = st.sampled_from(("=", "!=", "<", "<=", ">", ">="))
LEAVES = st.one_of(st.builds(Compare, FIELDS, SIGNS, VALUES | DEVICES), st.builds(Defined, FIELDS))
CONDITIONS: st.SearchStrategy[Condition] = st.one_of(
    st.just(EveryDevice()),
    st.recursive(
        LEAVES,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.lists(inner, min_size=2, max_size=3).map(lambda terms: AllOf(tuple(terms))),
            st.lists(inner, min_size=2, max_size=3).map(lambda terms: AnyOf(tuple(terms))),
        ),
        max_leaves=6,
    ),
)

INSERT = (
    "INSERT INTO hub_identity (device_id, generation_id, identity_version, changed_at,"
    " desired_updated, reported_updated, edge, tags, reported)"
    " VALUES (?, '1', 1, 0, '', '', ?, ?, ?)"
)
QUERY = "SELECT device_id FROM hub_identity t WHERE t.edge AND (CONDITION)"


@dataclass
class Tally:
    tried: int = 0
    violations: list[str] = field(default_factory=list)

    def add(self, text: str, twins: Sequence[Twin], theirs: Collection[str]) -> None:
        """Hold our reading of a condition against the service's, twin by twin."""
        wanted = parse(text)
        for twin in twins:
            self.tried += 1
            if matches(wanted, twin) is not (twin.device in theirs):
                self.violations.append(f"{text}: we differ from the service over {twin}")

    def __str__(self) -> str:
        return f"tried={self.tried} violations={len(self.violations)}"


def run(*, full: bool) -> Tally:
    """Every pair is judged; nothing stops at the first violation."""
    tally = Tally()
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.executescript(SCHEMA)

        @settings(
            max_examples=FULL if full else EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(
            st.lists(CONDITIONS, min_size=6, max_size=10),
            st.lists(TWINS, min_size=10, max_size=14),
        )
        def agree(conditions: list[Condition], twins: list[Twin]) -> None:
            twins = list({twin.device: twin for twin in twins}.values())
            _store(db, twins)
            for text in map(printed, conditions):
                tally.add(text, twins, _selected(db, text))

        agree()
    return tally


def _store(db: sqlite3.Connection, twins: Sequence[Twin]) -> None:
    db.execute("DELETE FROM hub_identity")
    rows = [(twin.device, twin.edge, _stored(twin.tags), _stored(twin.reported)) for twin in twins]
    db.executemany(INSERT, rows)


def _stored(section: Section) -> str:
    """A twin holds no null: to write one is to remove the key."""
    kept = {key: value for key, value in section.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False)


def _selected(db: sqlite3.Connection, text: str) -> set[str]:
    selection = service.select(text)
    found = db.execute(QUERY.replace("CONDITION", selection.sql), selection.parameters)
    return {str(row[0]) for row in found}


def main(arguments: Sequence[str]) -> int:
    """Print the line; 1 if there was a violation."""
    tally = run(full="--full" in arguments)
    lines = [f"conditions: {tally}", *(f"  {each}" for each in tally.violations[:SHOWN])]
    sys.stdout.write("\n".join([*lines, ""]))
    return 1 if tally.violations else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
