"""Proves that plans tell what devices will do: `python -m tests.prove.prediction [--full]`.

A fleet is changed at random; each change is planned over all devices of an emulated hub, applied,
and what the devices then did is held against what the plan said, device by device and exactly:
under both readings of a removed layer. Prints `prediction: tried=N violations=N`, counting
changes.

A change starts from devices that run what their deployments say and hold no other images: what
was left on a device before, no hub tells.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from reconciler import app, registry
from reconciler.app import Cloud, Fleet
from reconciler.edge.layering import RemovedLayer
from reconciler.emulator import hub
from reconciler.emulator.hub import configurations, rows, switches
from reconciler.emulator.hub.configurations import Writing
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.switches import Switches
from reconciler.emulator.settings import RemovedLayer as RemovedLayers
from reconciler.plan import Plan, Result
from reconciler.plan.assessment import assessed
from reconciler.plan.impact import Impact
from reconciler.registry import Given
from tests.emulator.hub.fleet import layer, manifest, module
from tests.prove import edits
from tests.prove.agreement import differences
from tests.prove.deeds import Deeds, Moment, deeds, moment
from tests.prove.edits import Documents
from tests.prove.rig import Rig, rig
from tests.prove.verdict import Verdict

NAME = "prediction"
CHANGES, DEVICES = 200, 500
SAMPLE = 3
SECONDS = 60.0
"""Between a write and the next: what came later is newer."""
TICKS = 20
BUSY = (
    "SELECT count(*) FROM hub_pending WHERE what <> 'metrics'",
    "SELECT count(*) FROM hub_agent WHERE wake_at IS NOT NULL",
)
SEED = 20260101


@dataclass
class World:
    """A hub with its devices, the fleet that is asked for, and the way between the two."""

    rig: Rig
    rng: Random
    reading: RemovedLayer
    secrets: dict[str, str] = field(default_factory=lambda: {"ACR_0": "a", "ACR_1": "b"})
    documents: Documents = field(default_factory=dict)

    def begin(self, devices: int) -> None:
        lines = [edits.device(at) for at in range(devices)]
        self.rig.client.control("POST", "seed", {"devices": lines})
        context = self.rig.emulator.context
        context.watchers.append(lambda: context.clock.advance(SECONDS))
        with context.store.transaction() as db:
            service = RemovedLayers[self.reading.name]
            switches.switch(db, {"removed_layer": service.value})
            for id_, body in THEIRS.items():
                configurations.put(db, id_, body, Writing(Match(), context.clock.now(), Switches()))
            context.clock.advance(SECONDS)
        self.documents = edits.first(self.rng)
        self.write()

    def write(self) -> Fleet:
        written(self.rig.fleet, self.documents)
        return app.read_fleet(self.rig.fleet, self.rig.root, "local")

    @contextmanager
    def connected(self) -> Iterator[Cloud]:
        fleet = self.write()
        given = Given(
            environ=self.secrets,
            files=self.rig.root.joinpath,
            notify=lambda _progress: None,
            now=lambda: self.rig.clock.now().timestamp(),
            sleep=self.rig.clock.advance,
            emulator=self.rig.emulator.connection.json(),
        )
        # Only the hub is looked at: what could be pruned in the workspace is no matter of devices.
        hub_only = replace(fleet.settings.policy, prune=False)
        settings = replace(fleet.settings, policy=hub_only)
        with registry.azure(settings, fleet.scope, "", given) as cloud:
            yield cloud

    def settle(self) -> None:
        """Let the hub and its devices do everything that is to be done."""
        for _ in range(TICKS):
            self.rig.clock.advance(SECONDS)
            hub.tick(self.rig.emulator.context)
            with self._db() as db:
                if not any(db.execute(query).fetchone()[0] for query in BUSY):
                    return
        raise AssertionError("devices do not come to rest")

    def renew(self) -> None:
        """Devices as they would be that never ran anything but what is deployed now."""
        with self._db() as db:
            db.execute("UPDATE hub_agent SET state = '{}', base = '', applied = '', wake_at = 0")
            db.execute(
                "UPDATE hub_identity SET desired = '{}', desired_metadata = NULL"
                " WHERE module_id IN ('$edgeAgent', '$edgeHub')"
            )
            db.execute("DELETE FROM hub_history")
            for row in db.execute("SELECT device_id FROM hub_agent").fetchall():
                rows.touch(db, rows.DEVICE, row[0], self.rig.clock.now())
        self.settle()

    def now(self) -> Moment:
        with self._db() as db:
            return moment(db)

    def since(self, before: Moment) -> Deeds:
        with self._db() as db:
            return deeds(db, before, moment(db))

    def edit(self) -> None:
        """Another fleet is asked for, or a secret was rotated."""
        self.documents = edits.edited(self.rng, self.documents)
        if self.rng.random() < 0.1:
            self.secrets[self.rng.choice(sorted(self.secrets))] = f"{self.rng.random()}"

    @contextmanager
    def _db(self) -> Iterator[sqlite3.Connection]:
        with self.rig.emulator.context.store.transaction() as db:
            yield db


THEIRS: Mapping[str, Any] = {
    "their-layer": {
        "content": {
            "modulesContent": {
                **layer(filter=module("theirs.azurecr.io/filter:1"), theirs=module()),
                "theirs": {"properties.desired.a": 1},
            }
        },
        "targetCondition": "tags.site = 'plant-1'",
        "priority": 40,
    },
    "their-base": {
        "content": {"modulesContent": manifest({"sensor": module("theirs.azurecr.io/s:1")})},
        "targetCondition": "tags.ring = 'late' AND tags.line >= 1",
        "priority": 12,
    },
}
"""What others put on the hub, as people write it by hand."""


def proved(
    reading: RemovedLayer, changes: int, devices: int = DEVICES, seed: int = SEED
) -> Verdict:
    """As many changes as can be planned at all; nothing stops at the first violation."""
    violations: list[str] = []
    tried = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        made = stack.enter_context(rig(folder / "repository", {}))
        world = World(made, Random(seed), reading)
        world.begin(devices)
        cloud = stack.enter_context(world.connected())
        _carried_out(cloud, app.make_plan(world.write(), cloud.provider, retry_failed=False))
        while tried < changes:
            world.renew()
            kept = world.documents, dict(world.secrets)
            world.edit()
            if (plan := _planned(world, cloud)) is None:
                world.documents, secrets = kept
                world.secrets.update(secrets)
                continue
            before = world.now()
            _carried_out(cloud, plan)
            world.settle()
            tried += 1
            found = differences(plan.impact or Impact(), world.since(before))
            violations += [f"change {tried}, {reading.value}: {each}" for each in found]
    return Verdict(NAME, tried, tuple(violations))


def _planned(world: World, cloud: Cloud) -> Plan | None:
    """None where a change is nonsense, or none at all."""
    fleet = world.write()
    if not fleet.valid or cloud.provider.devices is None:
        return None
    plan = app.make_plan(fleet, cloud.provider, retry_failed=False)
    if not (plan.changes and plan.applicable):
        return None
    told = assessed(plan, plan, cloud.provider.devices, world.reading)
    return told if told.applicable else None


def _carried_out(cloud: Cloud, plan: Plan) -> None:
    """One write after the other, in the order of the plan."""
    for outcome in app.apply(plan, cloud.provider, app.Pace()):
        if outcome.result is not Result.APPLIED:
            raise AssertionError(f"{outcome.change.id}: {outcome.detail}")


def written(fleet: Path, documents: Documents) -> None:
    """All of them in one file."""
    fleet.mkdir(exist_ok=True)
    root = {"apiVersion": "reconciler/v1", "kind": "Fleet", "owner": "plant"}
    texts = [yaml.safe_dump(_document(*item)) for item in sorted(documents.items())]
    (fleet / "reconciler.yaml").write_text(yaml.safe_dump(root))
    (fleet / "all.yaml").write_text("---\n".join(texts))


def _document(address: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    kind, name = address.split()
    metadata = {"name": name}
    return {"apiVersion": "reconciler/v1", "kind": kind, "metadata": metadata, "spec": dict(spec)}


def run(*, full: bool) -> Verdict:
    changes = CHANGES if full else SAMPLE
    found = [proved(reading, changes) for reading in RemovedLayer]
    violations = tuple(said for verdict in found for said in verdict.violations)
    return Verdict(NAME, sum(verdict.tried for verdict in found), violations)


def main(arguments: Sequence[str]) -> int:
    """Print the line; 1 if there was a violation."""
    verdict = run(full="--full" in arguments)
    sys.stdout.write("\n".join([str(verdict), *(f"  {v}" for v in verdict.violations[:20]), ""]))
    return 1 if verdict.violations else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
