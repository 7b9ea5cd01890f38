"""What goes wrong in ways that are no single answer: late, lying, hanging and full services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.emulator.faults import Fault
from reconciler.emulator.hub import devices
from reconciler.emulator.hub.match import Match
from tests.prove import fleet_before_and_after as fleets
from tests.prove.rig import Rig, rig

CAP = "ConfigurationCountLimitExceeded"
FULL = '{"Message":"ErrorCode:ConfigurationCountLimitExceeded;full","ExceptionMessage":""}'


@pytest.fixture
def applied(tmp_path: Path) -> Iterator[Rig]:
    """The first state of the fleet, in the cloud; the second one is committed."""
    with rig(tmp_path, {}) as made:
        gateways = [
            {"deviceId": f"gw-{number}", "edge": True, "tags": {"role": "gateway"}}
            for number in range(1, 5)
        ]
        made.client.control("POST", "seed", {"devices": gateways})
        made.client.control("POST", "registry/seed", {"repository": "bought", "tag": "1"})
        fleets.write(fleets.before(made.login_server), made.fleet)
        made.commit("Before")
        assert made.run("apply", "--auto-approve").code == 0
        fleets.write(fleets.after(made.login_server), made.fleet)
        made.commit("After")
        yield made


def in_sync(rig: Rig) -> bool:
    return rig.run("plan", "--detailed-exitcode").code == 0


def test_a_device_that_only_a_late_query_still_knows_is_waited_for(applied: Rig) -> None:
    applied.client.control("POST", "hub", {"ghost_seconds": 3600})
    applied.client.control("POST", "seed", {"devices": [{"deviceId": "gw-5", "edge": True}]})
    group = fleets.document("DeviceGroup", "line", devices=["gw-2", "gw-5"])
    fleets.write_one(group, applied.fleet)
    applied.commit("One more")
    applied.run("plan")  # what queries remember is what one has seen
    with applied.emulator.context.store.transaction() as db:
        devices.delete(db, "gw-5", Match("*"), applied.clock.now())
    ran = applied.run("apply", "--auto-approve")
    assert ran.code == 0, ran.output
    assert "gw-5 is not registered; it joins when it is" in ran.output


def test_a_build_that_hangs_ends_the_run_and_is_found_by_the_next_one(applied: Rig) -> None:
    hanging = {"match": "built", "seconds": 5000, "times": 0}
    applied.client.control("POST", "builds", hanging)
    ran = applied.run("apply", "--auto-approve", "--time-budget", "600")
    assert ran.code == 8, ran.output
    assert "still building" in ran.output
    assert "run again" in ran.output
    assert ran.waited <= 600
    applied.clock.advance(5000)
    again = applied.run("apply", "--auto-approve")
    assert again.code == 0, again.output
    assert in_sync(applied)
    assert sum(row["name"] == "built" for row in applied.rows("record")) == 2  # before, and after


def test_a_full_hub_keeps_nothing_from_being_deleted(applied: Rig) -> None:
    full = Fault(r"^PUT /configurations/", 413, FULL, {"iothub-errorcode": CAP}, times=0)
    applied.emulator.context.faults.add(full)
    ran = applied.run("apply", "--auto-approve")
    assert ran.code == 8
    assert "a hub holds 100 configurations" in ran.output
    left = {row["id"].rpartition("-")[0] for row in applied.rows("hub_configuration")}
    assert left == {"base", "replaced", "packed", "edited"}  # and not `gone`, which left git
    applied.emulator.context.faults.clear()
    assert applied.run("apply", "--auto-approve").code == 0
    assert in_sync(applied)


def test_a_replacement_that_a_full_hub_interrupted_is_finished(applied: Rig) -> None:
    """The new one is there, the old one not yet gone: that goes, though nothing can come."""
    stuck = Fault(r"^DELETE /configurations/base", 500, times=0)
    applied.emulator.context.faults.add(stuck)
    assert applied.run("apply", "--auto-approve").code == 8
    bases = [row["id"] for row in applied.rows("hub_configuration") if "base-" in row["id"]]
    assert len(bases) == 2
    applied.emulator.context.faults.clear()
    full = Fault(r"^PUT /configurations/", 413, FULL, {"iothub-errorcode": CAP}, times=0)
    applied.emulator.context.faults.add(full)
    assert applied.run("apply", "--auto-approve").code in {0, 8}
    bases = [row["id"] for row in applied.rows("hub_configuration") if "base-" in row["id"]]
    assert len(bases) == 1


def test_what_somebody_changed_after_the_plan_is_not_overwritten(applied: Rig) -> None:
    """Between the list that the plan was made from and the look before the write."""
    context = applied.emulator.context

    def meddle() -> None:
        with context.store.transaction() as db:
            begun = "SELECT count(*) FROM hub_configuration WHERE id LIKE 'base-%'"
            if db.execute(begun).fetchone()[0] == 2:
                db.execute(
                    "UPDATE hub_configuration SET priority = 77, version = version + 1"
                    " WHERE id LIKE 'edited-%' AND priority = 40"
                )

    context.watchers.append(meddle)
    context.faults.add(Fault("^PUT /configurations/edited-", delay=1.0))
    ran = applied.run("apply", "--auto-approve")
    context.watchers.clear()
    assert ran.code == 8, ran.output
    assert "changed after the plan was made" in ran.output
    priorities = [
        row["priority"] for row in applied.rows("hub_configuration") if "edited-" in row["id"]
    ]
    assert priorities == [77]
    assert applied.run("apply", "--auto-approve").code == 0
    assert in_sync(applied)
