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


def conditional(rig: Rig, sides: dict[str, str]) -> None:
    """By the name of a base, the side that its devices are on."""
    for name, side in sides.items():
        group = fleets.document("DeviceGroup", name, targetCondition=f"tags.side = '{side}'")
        base = fleets.base(PLACE=name)
        base["metadata"] = {"name": f"base-{name}"}
        base["spec"]["group"] = name
        for document in (group, base):
            fleets.write_one(document, rig.fleet)


@pytest.fixture
def sides(applied: Rig) -> Iterator[Rig]:
    """Two devices, and a base for each by a condition; the hub is looked at after every write."""
    context = applied.emulator.context
    lines = [
        {"deviceId": f"gw-{side}", "edge": True, "tags": {"side": side}} for side in ("a", "b")
    ]
    applied.client.control("POST", "seed", {"devices": lines})
    conditional(applied, {"north": "a", "south": "b"})
    ran = apply(applied)
    assert ran.code == 0, ran.output
    hub.tick(context)
    context.watchers.append(lambda: hub.tick(context))
    yield applied
    context.watchers.clear()


def conditions(rig: Rig) -> dict[str, str]:
    rows = rig.rows("hub_configuration")
    bases = (row for row in rows if row["id"].startswith(("base-north-", "base-south-")))
    return {row["id"].rpartition("-")[0]: row["target_condition"] for row in bases}


def test_bases_that_change_sides_leave_no_device_without_one(sides: Rig) -> None:
    conditional(sides, {"north": "b", "south": "a"})
    ran = apply(sides)
    assert ran.code == 0, ran.output
    assert conditions(sides) == {"base-north": "tags.side = 'b'", "base-south": "tags.side = 'a'"}
    assert baseless(sides) == []
    assert sides.run("plan", "--detailed-exitcode").code == 0


def test_a_base_that_could_not_widen_keeps_the_other_one_wide(sides: Rig) -> None:
    """Whatever a crash or a failure leaves behind, the next run narrows it."""
    conditional(sides, {"north": "b", "south": "a"})
    fault = Fault(r"^PUT /configurations/base-south", 400)
    sides.emulator.context.faults.add(fault)
    assert apply(sides).code == 8
    assert baseless(sides) == []
    assert "OR" in conditions(sides)["base-north"]
    assert apply(sides).code == 0
    assert conditions(sides) == {"base-north": "tags.side = 'b'", "base-south": "tags.side = 'a'"}
    assert baseless(sides) == []
