"""Proves that devices take what we predict: `python -m tests.prove.layers [--full]`.

Random bases and layers are put on an emulated hub, changed and removed again; after each step
the twins of every device are held against `reconciler.edge.layering`, under both readings of a
removed layer. Prints `layers: tried=N violations=N`, counting devices and steps.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.edge import plain
from reconciler.edge.condition_text import parse
from reconciler.edge.evaluation import matches
from reconciler.edge.layering import Effective, Layered, RemovedLayer, effective, followed
from reconciler.edge.twin import Twin
from reconciler.emulator import settings as service
from reconciler.emulator.hub import configurations, rollout, seeding
from reconciler.emulator.hub.configurations import Writing
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.schema import SCHEMA
from reconciler.emulator.hub.switches import Switches
from reconciler.model import Spec, mapping
from tests.edge.manifests import base, module

EXAMPLES, FULL, SHOWN = 100, 1500, 5
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
TWINS = tuple(Twin(f"d{at}", tags={"ring": at % 3, "odd": bool(at % 2)}) for at in range(5))
CONDITIONS = ("*", "tags.ring = 1", "tags.ring > 0", "tags.odd = true", "deviceId = 'd3'")

NAMES = st.sampled_from("abc")
MODULES = st.builds(module, st.sampled_from(("h/one:1", "h/two:2")))
SECTIONS = st.one_of(
    st.just(1), st.just("x"), st.dictionaries(NAMES, st.integers(0, 2), max_size=2)
)
TWIN_KEYS = st.sampled_from(("properties.desired.s", "properties.desired.s.deep"))
OWN: st.SearchStrategy[dict[str, object]] = st.one_of(
    st.builds(dict, st.dictionaries(TWIN_KEYS, SECTIONS, max_size=2)),
    st.fixed_dictionaries({"properties.desired": st.dictionaries(NAMES, SECTIONS, max_size=2)}),
)
BASES = st.builds(
    lambda modules, twins: {**base(**modules), **twins},
    st.dictionaries(NAMES, MODULES, max_size=3),
    st.dictionaries(NAMES, OWN, max_size=2),
)
AGENT_KEYS = st.one_of(
    NAMES.map(lambda name: (f"properties.desired.modules.{name}", module("h/three:3"))),
    NAMES.map(lambda name: ("properties.desired.modules", {name: module("h/four:4")})),
    NAMES.map(
        lambda name: (
            f"properties.desired.runtime.settings.registryCredentials.{name}",
            {"address": "h", "username": "u", "password": "p"},
        )
    ),
)
LAYERS = st.builds(
    lambda keys, routes, twins: {
        "$edgeAgent": dict(keys),
        "$edgeHub": {f"properties.desired.routes.{name}": route for name, route in routes.items()},
        **twins,
    },
    st.lists(AGENT_KEYS, max_size=3),
    st.dictionaries(NAMES, st.sampled_from(("FROM /* INTO $upstream", "FROM /a INTO $upstream"))),
    st.dictionaries(NAMES, OWN, max_size=2),
)


@dataclass(frozen=True)
class Step:
    """One deployment that comes, or goes if it is there."""

    name: str
    condition: str
    priority: int
    content: Mapping[str, object]


STEPS = st.builds(
    Step,
    st.sampled_from(("one", "two", "three")),
    st.sampled_from(CONDITIONS),
    st.integers(0, 3),
    BASES | LAYERS,
)


@dataclass
class Fleet:
    """The hub, and what we think of each of its devices."""

    db: sqlite3.Connection
    reading: RemovedLayer
    at: int = 0
    there: dict[str, tuple[Layered, str]] = field(default_factory=dict)
    runs: dict[str, Effective] = field(default_factory=dict)
    twins: dict[tuple[str, str], Spec] = field(default_factory=dict)

    def take(self, step: Step) -> None:
        """Do it on the hub, and say what comes of it."""
        self.at += 1
        now = START + timedelta(minutes=self.at)
        switches = Switches(removed_layer=service.RemovedLayer[self.reading.name].value)
        gone = [id_ for id_ in self.there if id_.startswith(f"{step.name}-")]
        for id_ in gone:
            configurations.delete(self.db, id_, Match(), now)
            del self.there[id_]
        if not gone:
            id_ = f"{step.name}-{self.at}"
            body = {
                "content": {"modulesContent": step.content},
                "targetCondition": step.condition,
                "priority": step.priority,
            }
            configurations.put(self.db, id_, body, Writing(Match(), now, switches))
            content = mapping(plain(step.content))
            self.there[id_] = Layered(id_, step.priority, self.at, content), step.condition
        rollout.evaluate(self.db, now, switches)
        for twin in TWINS:
            self._predict(twin)

    def differences(self) -> Iterator[str]:
        """By device: what stands in a twin that we did not say, or the other way round."""
        query = (
            "SELECT module_id, desired FROM hub_identity WHERE device_id = ? AND module_id <> ''"
        )
        for twin in TWINS:
            found = {row[0]: plain(json.loads(row[1])) for row in self.db.execute(query, twin[:1])}
            said = {name: told for (device, name), told in self.twins.items() if device == twin[0]}
            yield (
                ""
                if {k: v for k, v in found.items() if v} == {k: v for k, v in said.items() if v}
                else f"{twin.device}: {found} instead of {said}"
            )

    def _predict(self, twin: Twin) -> None:
        reached = [each for each, text in self.there.values() if matches(parse(text), twin)]
        before = self.runs.get(twin.device, Effective())
        after = followed(before, effective(reached), self.reading)
        self.runs[twin.device] = after
        if after.applied != before.applied and after.base:
            for name, section in after.sections.items():
                held = self.twins.get((twin.device, name), {})
                self.twins[twin.device, name] = section.over(held)


@dataclass
class Tally:
    tried: int = 0
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"tried={self.tried} violations={len(self.violations)}"


def run(*, full: bool) -> Tally:
    """Nothing stops at the first violation."""
    tally = Tally()

    @settings(
        max_examples=FULL if full else EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(RemovedLayer), st.lists(STEPS, min_size=5, max_size=9))
    def predicted(reading: RemovedLayer, steps: list[Step]) -> None:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
            db.row_factory = sqlite3.Row
            db.executescript(SCHEMA)
            lines = [{"deviceId": twin.device, "tags": dict(twin.tags)} for twin in TWINS]
            seeding.seed(db, lines, "hub", START)
            fleet = Fleet(db, reading)
            for step in steps:
                fleet.take(step)
                found = list(fleet.differences())
                tally.tried += len(found)
                tally.violations += [f"{reading.value}: {text}" for text in found if text]

    predicted()
    return tally


def main(arguments: Sequence[str]) -> int:
    """Print the line; 1 if there was a violation."""
    tally = run(full="--full" in arguments)
    lines = [f"layers: {tally}", *(f"  {each}" for each in tally.violations[:SHOWN])]
    sys.stdout.write("\n".join([*lines, ""]))
    return 1 if tally.violations else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
