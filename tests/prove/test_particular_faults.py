"""What goes wrong in ways that are no single answer: late, lying, hanging and full services."""

from __future__ import annotations

from reconciler.emulator.faults import Fault
from reconciler.emulator.hub import devices
from reconciler.emulator.hub.match import Match
from tests.prove import fleet_before_and_after as fleets
from tests.prove.rig import Rig

CAP = "ConfigurationCountLimitExceeded"
FULL = '{"Message":"ErrorCode:ConfigurationCountLimitExceeded;full","ExceptionMessage":""}'


def in_sync(rig: Rig) -> bool:
    return rig.run("plan", "--detailed-exitcode").code == 0


def test_a_device_that_only_a_late_query_still_knows_is_waited_for(asked: Rig) -> None:
    asked.client.control("POST", "hub", {"ghost_seconds": 3600})
    asked.client.control("POST", "seed", {"devices": [{"deviceId": "gw-5", "edge": True}]})
    group = fleets.document("DeviceGroup", "line", devices=["gw-2", "gw-5"])
    fleets.write_one(group, asked.fleet)
    asked.commit("One more")
    asked.run("plan")  # what queries remember is what one has seen
    with asked.emulator.context.store.transaction() as db:
        devices.delete(db, "gw-5", Match("*"), asked.clock.now())
    ran = asked.run("apply", "--auto-approve")
    assert ran.code == 0, ran.output
    assert "gw-5 is not registered; it joins when it is" in ran.output


def test_a_build_that_hangs_ends_the_run_and_is_found_by_the_next_one(asked: Rig) -> None:
    hanging = {"match": "built", "seconds": 5000, "times": 0}
    asked.client.control("POST", "builds", hanging)
    ran = asked.run("apply", "--auto-approve", "--time-budget", "600")
    assert ran.code == 8, ran.output
    assert "still building" in ran.output
    assert "run again" in ran.output
    assert ran.waited <= 600
    asked.clock.advance(5000)
    again = asked.run("apply", "--auto-approve")
    assert again.code == 0, again.output
    assert in_sync(asked)
    assert sum(row["name"] == "built" for row in asked.rows("record")) == 2  # before, and after


def test_a_run_whose_time_is_spent_before_the_first_change_can_be_run_again(asked: Rig) -> None:
    asked.emulator.context.watchers.append(lambda: asked.clock.advance(1000))
    ran = asked.run("apply", "--auto-approve", "--time-budget", "900")
    asked.emulator.context.watchers.clear()
    assert ran.code == 8, ran.output
    assert "the time budget is spent" in ran.output
    assert "0 added, 0 changed, 0 destroyed" in ran.output


def test_a_report_that_cannot_be_written_is_said_before_anything_is(asked: Rig) -> None:
    ran = asked.run("apply", "--auto-approve", "--report", "nowhere/report.json")
    assert ran.code == 64, ran.output
    assert "there is no folder nowhere" in ran.output
    assert asked.emulator.context.requests.summary()["writes"] == 0


def test_a_full_hub_keeps_nothing_from_being_deleted(asked: Rig) -> None:
    full = Fault(r"^PUT /configurations/", 413, FULL, {"iothub-errorcode": CAP}, times=0)
    asked.emulator.context.faults.add(full)
    ran = asked.run("apply", "--auto-approve")
    assert ran.code == 8
    assert "a hub holds 100 configurations" in ran.output
    left = {row["id"].rpartition("-")[0] for row in asked.rows("hub_configuration")}
    assert left == {"base", "replaced", "packed", "edited"}  # and not `gone`, which left git
    asked.emulator.context.faults.clear()
    assert asked.run("apply", "--auto-approve").code == 0
    assert in_sync(asked)


def test_a_replacement_that_a_full_hub_interrupted_is_finished(asked: Rig) -> None:
    """The new one is there, the old one not yet gone: that goes, though nothing can come."""
    stuck = Fault(r"^DELETE /configurations/base", 500, times=0)
    asked.emulator.context.faults.add(stuck)
    assert asked.run("apply", "--auto-approve").code == 8
    bases = [row["id"] for row in asked.rows("hub_configuration") if "base-" in row["id"]]
    assert len(bases) == 2
    asked.emulator.context.faults.clear()
    full = Fault(r"^PUT /configurations/", 413, FULL, {"iothub-errorcode": CAP}, times=0)
    asked.emulator.context.faults.add(full)
    assert asked.run("apply", "--auto-approve").code in {0, 8}
    bases = [row["id"] for row in asked.rows("hub_configuration") if "base-" in row["id"]]
    assert len(bases) == 1


def test_what_somebody_changed_after_the_plan_is_not_overwritten(asked: Rig) -> None:
    """Between the list that the plan was made from and the look before the write."""
    context = asked.emulator.context

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
    ran = asked.run("apply", "--auto-approve")
    context.watchers.clear()
    assert ran.code == 8, ran.output
    assert "changed after the plan was made" in ran.output
    priorities = [
        row["priority"] for row in asked.rows("hub_configuration") if "edited-" in row["id"]
    ]
    assert priorities == [77]
    assert asked.run("apply", "--auto-approve").code == 0
    assert in_sync(asked)
