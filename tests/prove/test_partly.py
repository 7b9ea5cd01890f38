"""A change that was done in part is told as such, and gone on with."""

from __future__ import annotations

from reconciler.emulator.faults import Fault
from tests.prove import fleet_before_and_after as fleets
from tests.prove.rig import Rig
from tests.prove.test_by_hand import tags

DEVICES = [f"gw-{number}" for number in range(1, 5)]


def test_a_group_that_was_tagged_in_part_ends_with_8_and_the_next_run_does_the_rest(
    applied: Rig,
) -> None:
    fleets.write_one(fleets.document("DeviceGroup", "pilot", devices=DEVICES), applied.fleet)
    applied.commit("A group")
    applied.emulator.context.faults.add(Fault("^PATCH /twins/gw-2", status=400, times=0))
    ran = applied.run("apply", "--auto-approve")
    assert ran.code == 8, ran.output
    assert "tagging devices: 3 of 4 done" in ran.output
    assert "hint: run again: it goes on from there" in ran.output
    applied.emulator.context.faults.clear()
    others = Fault("^PATCH /twins/gw-[134]", status=400, times=0)
    applied.emulator.context.faults.add(others)
    assert applied.run("apply", "--auto-approve").code == 0
    for device in DEVICES:
        assert tags(applied, device)["reconciler"][fleets.OWNER]["pilot"] is True
