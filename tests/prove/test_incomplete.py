"""A hub that says less than there is, or says it late: never a wrong count in silence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.cli.exits import Exit
from reconciler.emulator import hub
from reconciler.emulator.faults import Fault
from reconciler.emulator.hub import twins
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.twins import Change
from tests.prove.prediction import written
from tests.prove.rig import Ran, Rig, rig
from tests.prove.scene import RUNTIME, deployment

DEVICES, PAGE = 25, 10
PAGES = 3
FLEET: dict[str, dict[str, Any]] = {
    "Environment local": {"provider": "local"},
    "DeviceGroup line": {"targetCondition": "tags.line = 1"},
    "DeviceGroup role": {"targetCondition": "tags.role = 'gateway'"},
    "Deployment base": {
        **deployment("base", "role", 10, sensor="plant.azurecr.io/sensor:1"),
        "edgeAgent": RUNTIME,
        "edgeHub": {"image": "mcr.microsoft.com/azureiotedge-hub:1.6.1"},
    },
    "Deployment scorer": dict(deployment("layer", "line", 30, scorer="plant.azurecr.io/s:1")),
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A hub with small pages, on which the fleet is applied."""
    folder = tmp_path_factory.mktemp("incomplete")
    with rig(folder / "repository", {}) as made:
        made.fleet.mkdir(exist_ok=True)
        lines = [
            {"deviceId": f"gw-{at:02}", "tags": {"role": "gateway", "line": at % 2}}
            for at in range(DEVICES)
        ]
        made.client.control("POST", "seed", {"devices": lines})
        made.client.control("POST", "hub", {"page_size": PAGE})
        written(made.fleet, FLEET)
        ran = made.run("apply", "--auto-approve")
        assert ran.code == Exit.OK, ran.output
        hub.tick(made.emulator.context)
        made.keep(folder / "kept.sqlite3")
        yield made


@pytest.fixture
def changed(kept: Rig) -> Rig:
    """Another image is asked for, which replaces the layer."""
    kept.back(kept.root.with_name("kept.sqlite3"))
    scorer = deployment("layer", "line", 30, scorer="plant.azurecr.io/s:2")
    written(kept.fleet, {**FLEET, "Deployment scorer": dict(scorer)})
    return kept


def queries(made: Rig) -> int:
    told = made.client.control("GET", "requests")["served"]
    return sum(row["count"] for row in told if row["operation"] == "GetTwins")


def planned(made: Rig) -> tuple[Ran, dict[str, Any]]:
    ran = made.run("plan", "--format", "json")
    return ran, json.loads(ran.output[ran.output.index("{") :])


def unchanged(made: Rig) -> bool:
    """Whether nothing was written to any deployment."""
    writes = [f["operation"] for f in made.client.control("GET", "requests")["served"]]
    return not {"CreateOrUpdateConfiguration", "DeleteConfiguration"} & {*writes}


def test_a_plan_costs_the_pages_of_one_query(changed: Rig) -> None:
    ran, plan = planned(changed)
    assert (ran.code, plan["complete"], plan["devices"]["of"]) == (Exit.OK, True, DEVICES)
    assert plan["devices"]["changed"] == DEVICES // 2
    assert queries(changed) == PAGES


@pytest.mark.parametrize(
    "fault", [Fault("/devices/query", drop=True, skip=1), Fault("/devices/query", delay=0.1)]
)
def test_a_page_that_is_lost_or_late_is_asked_for_again(changed: Rig, fault: Fault) -> None:
    changed.emulator.context.faults.add(fault)
    ran, plan = planned(changed)
    assert (ran.code, plan["complete"], plan["devices"]["of"]) == (Exit.OK, True, DEVICES)


@pytest.mark.parametrize("status", [429, 500])
def test_a_count_that_breaks_off_says_so_and_nothing_is_applied(changed: Rig, status: int) -> None:
    fault = Fault("/devices/query", status=status, body="{}", times=0, skip=1)
    changed.emulator.context.faults.add(fault)
    ran, plan = planned(changed)
    assert ran.code == Exit.INCOMPLETE
    assert (plan["complete"], plan["applyable"], plan["devices"]["of"]) == (False, False, PAGE)
    changed.emulator.context.faults.clear()
    changed.emulator.context.faults.add(fault)
    applied = changed.run("apply", "--auto-approve")
    assert applied.code == Exit.INCOMPLETE
    assert "error[devices.incomplete] the counts of devices are incomplete: the hub stopped" in (
        applied.output
    )
    assert unchanged(changed)


def test_what_the_query_says_is_held_against_devices_before_anything_goes(changed: Rig) -> None:
    """A tag moved a moment ago, and queries do not show it yet."""
    changed.clock.advance(600)  # queries know all devices by now
    changed.client.control("POST", "hub", {"query_lag_seconds": 300})
    assert changed.run("plan").code == Exit.OK
    changed.clock.advance(1)
    context = changed.emulator.context
    with context.store.transaction() as db:
        moved = Change(
            {"tags": {"line": 2}}, replaces=False, match=Match(), now=context.clock.now()
        )
        twins.write(db, "gw-01", "", moved)
    ran = changed.run("apply", "--auto-approve")
    assert ran.code == Exit.INCOMPLETE
    assert "gw-01: tags.line is 2, and the query said 1" in ran.output
    assert unchanged(changed)
    changed.clock.advance(600)
    later = changed.run("apply", "--auto-approve")
    assert later.code == Exit.OK, later.output


def test_a_condition_that_nobody_can_read_takes_a_word_for_this_plan(changed: Rig) -> None:
    with changed.emulator.context.store.transaction() as db:
        db.execute(
            "INSERT INTO hub_configuration (id, content, target_condition, priority, created,"
            " updated) SELECT 'theirs', content, 'capabilities.x = 1', 1, created, updated"
            " FROM hub_configuration WHERE json_type(content, '$.modulesContent') IS NOT NULL"
            " LIMIT 1"
        )
    ran, plan = planned(changed)
    assert (ran.code, plan["complete"]) == (Exit.INCOMPLETE, False)
    word = f"conditions@{plan['plan_digest']}"
    allowed = changed.run("apply", "--auto-approve", "--allow", word)
    assert allowed.code == Exit.OK, allowed.output


def test_more_devices_than_the_policy_allows_take_a_word_for_this_plan(changed: Rig) -> None:
    most = {"provider": "local", "policy": {"devices": {"max": 100, "percent": 40}}}
    scorer = deployment("layer", "line", 30, scorer="plant.azurecr.io/s:3")
    documents = {"Environment local": most, "Deployment scorer": dict(scorer)}
    written(changed.fleet, {**FLEET, **documents})
    ran, plan = planned(changed)
    assert (ran.code, plan["complete"]) == (Exit.REFUSED, True)
    [check] = [each for each in plan["checks"] if each["code"] == "guard.devices"]
    assert check["problem"] == (
        "the plan changes what 12 of 25 devices run (48.0 %), the policy allows 40 %"
    )
    assert changed.run("apply", "--auto-approve").code == Exit.REFUSED
    word = f"devices@{plan['plan_digest']}"
    allowed = changed.run("apply", "--auto-approve", "--allow", word)
    assert allowed.code == Exit.OK, allowed.output
