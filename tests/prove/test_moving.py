"""A device that moves between groups that each have a base is never without one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler.emulator import hub
from reconciler.emulator.faults import Fault
from tests.prove import fleet_before_and_after as fleets
from tests.prove.rig import Ran, Rig
from tests.prove.test_by_hand import tags

MOVING = "gw-9"


def want(rig: Rig, name: str, devices: list[str]) -> None:
    """A group with a base of its own."""
    group = fleets.document("DeviceGroup", name, devices=devices)
    base = fleets.base(PLACE=name)
    base["metadata"] = {"name": f"base-{name}"}
    base["spec"]["group"] = name
    for document in (group, base):
        fleets.write_one(document, rig.fleet)


def apply(rig: Rig) -> Ran:
    rig.commit("As it is wanted now")
    return rig.run("apply", "--auto-approve")


def groups(rig: Rig) -> set[str]:
    return {name for name, held in tags(rig, MOVING)["reconciler"][fleets.OWNER].items() if held}


def baseless(rig: Rig) -> list[str]:
    rows = rig.rows("hub_history")
    return [row["device_id"] for row in rows if row["event"] == "base-none"]


@pytest.fixture
def north(applied: Rig) -> Iterator[Rig]:
    """A device without a role, in a group with a base; the hub is looked at after every write."""
    context = applied.emulator.context
    applied.client.control("POST", "seed", {"devices": [{"deviceId": MOVING, "edge": True}]})
    want(applied, "north", ["gw-8", MOVING])
    ran = apply(applied)
    assert ran.code == 0, ran.output
    hub.tick(context)
    context.watchers.append(lambda: hub.tick(context))
    yield applied
    context.watchers.clear()


def test_a_device_joins_a_new_group_and_its_base_before_it_leaves_the_old(north: Rig) -> None:
    want(north, "north", ["gw-8"])
    want(north, "south", [MOVING])
    ran = apply(north)
    assert ran.code == 0, ran.output
    assert groups(north) == {"south"}
    assert baseless(north) == []
    assert north.run("plan", "--detailed-exitcode").code == 0


def test_two_devices_change_places_and_neither_is_without_a_base(north: Rig) -> None:
    want(north, "south", ["gw-1"])
    assert apply(north).code == 0
    want(north, "north", ["gw-1"])
    want(north, "south", [MOVING])
    ran = apply(north)
    assert ran.code == 0, ran.output
    assert groups(north) == {"south"}
    assert baseless(north) == []


def test_a_device_stays_where_it_was_while_its_new_base_does_not_come(north: Rig) -> None:
    want(north, "north", ["gw-8"])
    want(north, "south", [MOVING])
    refused = Fault(r"^PUT /configurations/base-south", 500, times=0)
    north.emulator.context.faults.add(refused)
    ran = apply(north)
    assert ran.code == 8, ran.output
    assert groups(north) == {"north", "south"}
    assert baseless(north) == []
    north.emulator.context.faults.clear()
    assert north.run("apply", "--auto-approve").code == 0
    assert groups(north) == {"south"}
