"""A group gets another name, and no device is without its deployment at any moment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler.emulator import hub
from reconciler.emulator.faults import Fault
from tests.prove import fleet_before_and_after as fleets
from tests.prove.rig import Ran, Rig
from tests.prove.test_by_hand import tags

MEMBERS = ["gw-8", "gw-9"]


def want(rig: Rig, name: str, **spec: object) -> None:
    """A group, and a base that is aimed at it."""
    base = fleets.base(PLACE="north")
    base["metadata"] = {"name": "base-north"}
    base["spec"]["group"] = name
    for document in (fleets.document("DeviceGroup", name, devices=MEMBERS, **spec), base):
        fleets.write_one(document, rig.fleet)


def renamed(rig: Rig) -> None:
    fleets.remove("DeviceGroup", "north", rig.fleet)
    want(rig, "boreal", previousName="north")
    rig.commit("The group has another name")


def apply(rig: Rig) -> Ran:
    return rig.run("apply", "--auto-approve")


def groups(rig: Rig) -> list[set[str]]:
    """Of each member."""
    marks = [tags(rig, device)["reconciler"][fleets.OWNER] for device in MEMBERS]
    return [{name for name, held in leaves.items() if held} for leaves in marks]


def events(rig: Rig) -> list[tuple[str, str, str]]:
    """Everything that happened to the members so far."""
    rows = [row for row in rig.rows("hub_history") if row["device_id"] in MEMBERS]
    return [(row["device_id"], row["event"], row["subject"]) for row in rows]


@pytest.fixture
def north(applied: Rig) -> Iterator[Rig]:
    """Two devices in a group with a base; the hub is looked at after every write."""
    context = applied.emulator.context
    seeds = [{"deviceId": device, "edge": True} for device in MEMBERS]
    applied.client.control("POST", "seed", {"devices": seeds})
    want(applied, "north")
    applied.commit("A group")
    ran = apply(applied)
    assert ran.code == 0, ran.output
    hub.tick(context)
    context.watchers.append(lambda: hub.tick(context))
    yield applied
    context.watchers.clear()


def test_the_plan_shows_the_three_steps(north: Rig) -> None:
    renamed(north)
    said = north.run("plan").output
    lines = [line.strip() for line in said.splitlines()]
    (new,) = [n for n, line in enumerate(lines) if line.startswith("# DeviceGroup/boreal will be")]
    (base,) = [n for n, line in enumerate(lines) if line.startswith("# Deployment/base-north will")]
    (old,) = [n for n, line in enumerate(lines) if line.startswith("# DeviceGroup/north will be")]
    assert new < base < old
    assert "will be created" in lines[new]
    assert "will be updated in place" in lines[base]
    assert "will be deleted (its new name has taken over)" in lines[old]


def test_nothing_happens_to_the_devices_of_a_group_that_is_renamed(north: Rig) -> None:
    before = events(north)
    renamed(north)
    ran = apply(north)
    assert ran.code == 0, ran.output
    assert groups(north) == [{"boreal"}, {"boreal"}]
    assert events(north) == before
    assert north.run("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize("number", [0, 2, 3], ids=["tagging", "moving over", "untagging"])
def test_a_run_that_ends_at_any_write_is_gone_on_with(north: Rig, number: int) -> None:
    before = events(north)
    renamed(north)
    writes = r"^(PATCH /twins/gw-|PUT /configurations/)"
    north.emulator.context.faults.add(Fault(writes, status=400, skip=number, times=0))
    assert apply(north).code != 0
    assert all(held & {"north", "boreal"} for held in groups(north))
    north.emulator.context.faults.clear()
    ran = apply(north)
    assert ran.code == 0, ran.output
    assert groups(north) == [{"boreal"}, {"boreal"}]
    assert events(north) == before
