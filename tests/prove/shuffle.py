"""Whatever is asked for, edited by hand and goes wrong: applied until quiet, nothing is left to do.

A state machine of Hypothesis changes a fleet, edits the cloud behind the reconciler's back and
lets requests fail, in any order. After each apply: the plan is empty, however the same documents
are written; and what is not ours is as it was, column by column.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from reconciler.emulator import hub
from reconciler.emulator.faults import Fault
from reconciler.emulator.hub import configurations, twins
from reconciler.emulator.hub.configurations import Writing
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.switches import Switches
from tests.prove.rig import Rig, rig
from tests.prove.scene import RUNTIME, SERVER, Spec, foreign
from tests.prove.verdict import Verdict, counted

NAME = "properties"
EXAMPLES, STEPS = 100, 20
ATTEMPTS = 8
DEVICES = ("gw-0", "gw-1", "gw-2", "gw-3")
WORDS = ("cam", "mill", "pump")
NAMES = st.sampled_from(WORDS)
DEVICE = st.sampled_from(DEVICES)
VERSION = st.sampled_from((1, 2, 3))
ROUTES = (
    "PUT /configurations/",
    "DELETE /configurations/",
    "GET /configurations",
    "PATCH /twins/",
    "GET /twins/",
    "POST /devices/query",
    "/models",
)
TROUBLES: tuple[Callable[[str], Fault], ...] = (
    partial(Fault, drop=True),
    partial(Fault, drop_after=True),
    partial(Fault, status=500, body="{}"),
    partial(Fault, status=503, body="{}", times=2),
    partial(Fault, status=429, body="{}", times=2),
)
POLICY = {
    "prune": True,
    "deletes": {"max": 100, "percent": 100},
    "replaces": {"max": 100, "percent": 100},
    "leaseSeconds": 3600,
}
Styles: TypeAlias = tuple[bool, bool, int]
STYLES = st.tuples(st.booleans(), st.booleans(), st.integers(0, 9))


@dataclass
class World:
    """A fleet as documents, and what others own in the cloud, as rows."""

    rig: Rig
    documents: dict[str, Spec] = field(default_factory=dict)
    theirs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    applies: int = 0

    def begin(self) -> None:
        self.documents = {
            "Environment local": {"provider": "local", "policy": POLICY},
            "DeviceGroup all": {"matchTags": {"role": "gateway"}},
            "Deployment base": {
                "type": "base",
                "group": "all",
                "priority": 10,
                "edgeAgent": RUNTIME,
                "edgeHub": {"image": "mcr.microsoft.com/azureiotedge-hub:1.6.1"},
                "modules": {"sensor": {"image": f"{SERVER}/sensor:1"}},
            },
        }
        self.theirs = {}

    def write(self, style: Styles) -> None:
        """The same documents in a style: flow or block, keys sorted or not, in any order."""
        flow, ordered, turn = style
        for file in self.rig.fleet.glob("*.yaml"):
            file.unlink()
        texts = [
            yaml.safe_dump(_document(address, spec), default_flow_style=flow, sort_keys=ordered)
            for address, spec in self.documents.items()
        ]
        turned = [*texts[turn % len(texts) :], *texts[: turn % len(texts)]]
        root = yaml.safe_dump({"apiVersion": "reconciler/v1", "kind": "Fleet", "owner": "plant"})
        (self.rig.fleet / "reconciler.yaml").write_text(root)
        (self.rig.fleet / f"all-{turn}.yaml").write_text("---\n".join(turned))
        self.rig.commit("As it is now")

    def apply(self, style: Styles, other: Styles) -> None:
        self.write(style)
        said = self._until_quiet()
        assert not said, f"it never became quiet: {said}"
        self.rig.emulator.context.faults.clear()
        self.write(other)
        ran = self.rig.run("plan", "--detailed-exitcode")
        assert ran.code == 0, f"the plan is not empty: {ran.code} {ran.output}"
        self.check()

    def _until_quiet(self) -> str:
        """What the last apply said, if it did not end well."""
        said = ""
        for _ in range(ATTEMPTS):
            ran = self.rig.run("apply", "--auto-approve")
            self.applies += 1
            if ran.code == 0:
                return ""
            said = f"{ran.code} {ran.output}"
        return said

    def check(self) -> None:
        rows = {row["id"]: _untimed(row) for row in self.rig.rows("hub_configuration")}
        for id_, row in self.theirs.items():
            assert rows.get(id_) == row, f"{id_} is not ours: {rows.get(id_)} instead of {row}"
        for row in self.rig.rows("hub_identity"):
            if row["device_id"] in DEVICES and not row["module_id"]:
                tags = json.loads(row["tags"])
                assert tags["theirs"] == 1, f"a tag of {row['device_id']} is gone: {tags}"

    def ours(self) -> list[dict[str, Any]]:
        rows = self.rig.rows("hub_configuration")
        return [row for row in rows if row["id"] not in self.theirs]

    def disown(self, id_: str) -> None:
        [row] = [row for row in self.rig.rows("hub_configuration") if row["id"] == id_]
        self.theirs[id_] = _untimed(row)


class Shuffle(RuleBasedStateMachine):
    """One history of a fleet and its cloud."""

    world: World

    @rule(name=NAMES, version=VERSION, higher=st.booleans(), team=st.sampled_from(("x", "y")))
    def want_a_layer(self, *, name: str, version: int, higher: bool, team: str) -> None:
        slot = 20 + 10 * WORDS.index(name) + 2 * higher
        self.world.documents[f"Deployment {name}"] = {
            "type": "layer",
            "group": "all",
            "priority": slot,
            "labels": {"team": team},
            "modules": {name: {"image": f"{SERVER}/{name}:{version}"}},
        }

    @rule(version=VERSION)
    def want_another_base(self, version: int) -> None:
        base = self.world.documents["Deployment base"]
        modules = {"sensor": {"image": f"{SERVER}/sensor:{version}"}}
        self.world.documents["Deployment base"] = {**base, "modules": modules}

    @rule(name=NAMES, version=VERSION)
    def want_a_prebuilt_image(self, name: str, version: int) -> None:
        image = {"builder": "prebuilt", "reference": f"{SERVER}/pre-{name}:{version}"}
        self.world.documents[f"Image {name}"] = image
        base = self.world.documents["Deployment base"]
        self.world.documents["Deployment base"] = {**base, "modules": {"sensor": {"image": name}}}

    @rule(name=NAMES, devices=st.sets(DEVICE, min_size=1))
    def want_a_group(self, name: str, devices: set[str]) -> None:
        self.world.documents[f"DeviceGroup {name}"] = {"devices": sorted(devices)}

    @rule(name=NAMES, content=VERSION, team=st.sampled_from(("x", "y")))
    def want_a_model(self, name: str, content: int, team: str) -> None:
        (self.world.rig.fleet / f"weights-{content}.txt").write_text(f"{content}")
        model = {"path": f"weights-{content}.txt", "tags": {"team": team}}
        self.world.documents[f"Model {name}"] = model

    @rule(kind=st.sampled_from(("Deployment", "DeviceGroup", "Model")), name=NAMES)
    def want_no_more(self, kind: str, name: str) -> None:
        self.world.documents.pop(f"{kind} {name}", None)

    @rule(pick=st.integers(0, 9))
    def strip_labels(self, pick: int) -> None:
        self._by_hand(pick, lambda told: {**told, "labels": {}}, theirs=True)

    @rule(pick=st.integers(0, 9), priority=st.integers(0, 99))
    def change_a_priority(self, pick: int, priority: int) -> None:
        self._by_hand(pick, lambda told: {**told, "priority": priority})

    @rule(pick=st.integers(0, 9))
    def delete_one(self, pick: int) -> None:
        if ours := self.world.ours():
            context = self.world.rig.emulator.context
            with context.store.transaction() as db:
                id_ = ours[pick % len(ours)]["id"]
                configurations.delete(db, id_, Match('"*"'), context.clock.now())

    @rule(name=NAMES)
    def plant_a_foreign_one(self, name: str) -> None:
        id_ = f"theirs-{name}"
        if id_ not in self.world.theirs:
            context = self.world.rig.emulator.context
            with context.store.transaction() as db:
                foreign(db, id_, context.clock.now())
            self.world.disown(id_)

    @rule(device=DEVICE, name=NAMES, leaf=st.sampled_from((True, None)))
    def edit_a_tag(self, *, device: str, name: str, leaf: bool | None) -> None:
        patch = {"tags": {"reconciler": {"plant": {name: leaf}}}}
        context = self.world.rig.emulator.context
        with context.store.transaction() as db:
            change = twins.Change(
                patch, replaces=False, match=Match('"*"'), now=context.clock.now()
            )
            twins.write(db, device, "", change)

    @rule(route=st.sampled_from(ROUTES), trouble=st.sampled_from(TROUBLES))
    def let_it_fail(self, route: str, trouble: Callable[[str], Fault]) -> None:
        self.world.rig.emulator.context.faults.add(trouble(route))

    @rule(style=STYLES, other=STYLES)
    def apply(self, style: Styles, other: Styles) -> None:
        self.world.apply(style, other)

    @rule(devices=st.sets(DEVICE, min_size=1), style=STYLES)
    def move_devices(self, devices: set[str], style: Styles) -> None:
        """Into a group, applied, and some out of it again."""
        self.world.documents["DeviceGroup moved"] = {"devices": sorted(devices)}
        self.world.apply(style, style)
        self.world.documents["DeviceGroup moved"] = {"devices": [min(devices)]}
        self.world.apply(style, style)

    @rule(name=NAMES, version=VERSION, style=STYLES)
    def replace_a_layer(self, name: str, version: int, style: Styles) -> None:
        """Twice, and back: with whatever was edited and goes wrong in between."""
        for number in (version, version % 3 + 1, version):
            self.want_a_layer(name=name, version=number, higher=False, team="x")
            self.world.apply(style, style)

    def teardown(self) -> None:
        self.world.apply((False, True, 0), (True, False, 1))

    def _by_hand(
        self, pick: int, change: Callable[[dict[str, Any]], dict[str, Any]], *, theirs: bool = False
    ) -> None:
        if not (ours := self.world.ours()):
            return
        context = self.world.rig.emulator.context
        id_ = ours[pick % len(ours)]["id"]
        with context.store.transaction() as db:
            writing = Writing(Match('"*"'), context.clock.now(), Switches())
            configurations.put(db, id_, change(configurations.get(db, id_)), writing)
        if theirs:
            self.world.disown(id_)


def proved(folder: Path, examples: int = EXAMPLES, steps: int = STEPS) -> Verdict:
    with rig(folder / "repository", {}) as made:
        made.fleet.mkdir(exist_ok=True)
        devices = [
            {"deviceId": name, "edge": True, "tags": {"role": "gateway", "theirs": 1}}
            for name in DEVICES
        ]
        made.client.control("POST", "seed", {"devices": devices})
        made.emulator.context.watchers.append(lambda: hub.tick(made.emulator.context))
        made.keep(folder / "empty.sqlite3")
        world = World(made)
        violations = tuple(_histories(world, folder / "empty.sqlite3", examples, steps))
    return Verdict(NAME, world.applies, violations)


def _histories(world: World, empty: Path, examples: int, steps: int) -> Iterable[str]:
    begun = counted(NAME, count(1), examples)

    class History(Shuffle):
        def __init__(self) -> None:
            next(begun)
            world.rig.back(empty)
            world.begin()
            self.world = world
            super().__init__()

    told = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
        phases=[Phase.generate],  # a shorter history would take many more applies to find
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(History, settings=told)
    except AssertionError as error:
        notes = "\n".join(getattr(error, "__notes__", ()))
        yield f"{error}\n{notes}"


def _document(address: str, spec: Spec) -> dict[str, Any]:
    kind, name = address.split()
    plain: dict[str, Any] = json.loads(json.dumps(spec))
    return {
        "apiVersion": "reconciler/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": plain,
    }


def _untimed(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without what the hub counts by itself."""
    return {key: value for key, value in row.items() if not key.endswith("_results")}
