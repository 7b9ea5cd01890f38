"""What moved outside git is told from what moved in git, and both can be dealt with alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.prove import fleet_before_and_after as fleets
from tests.prove.rig import Rig
from tests.prove.test_by_hand import body, configuration, delete, tags, write

EDITED = "Deployment/edited"
PRIORITY_AND_CONDITION = {"priority": 44, "targetCondition": "tags.site.floor = 3"}


def report(rig: Rig, *arguments: str, code: int) -> dict[str, Any]:
    ran = rig.run("drift", "--format", "json", *arguments)
    assert ran.code == code, ran.output
    found: dict[str, Any] = json.loads(ran.output)
    return found


def states(rig: Rig, *, code: int) -> dict[str, str]:
    """How each resource stands that is not in sync."""
    found = report(rig, code=code)["resources"]
    return {each["address"]: each["sync"] for each in found if each["sync"] != "synced"}


def reprioritised(rig: Rig, priority: int) -> None:
    ours = configuration(rig, "edited")
    write(rig, {**body(ours), "priority": priority}, "*")


def rewritten(rig: Rig) -> None:
    """The content of a deployment as only the service itself can change it."""
    row = configuration(rig, "edited")
    content = json.loads(row["content"])
    module = content["modulesContent"]["$edgeAgent"]["properties.desired.modules.edited"]
    module["restartPolicy"] = "never"
    module["env"] = {"LEVEL": {"value": "b"}}
    with rig.emulator.context.store.transaction() as db:
        statement = "UPDATE hub_configuration SET content = ? WHERE id = ?"
        db.execute(statement, (json.dumps(content), row["id"]))


def file_of(rig: Rig, address: str) -> Path:
    return rig.fleet / f"{address}.yaml"


def asked_priority(rig: Rig, priority: int) -> None:
    file = file_of(rig, EDITED)
    document = yaml.safe_load(file.read_text("utf-8"))
    document["spec"]["priority"] = priority
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    rig.commit("Another priority")


def test_what_was_applied_is_in_sync(applied: Rig) -> None:
    assert states(applied, code=0) == {}
    assert "No drift." in applied.run("drift").output


def test_a_field_that_moved_by_hand_has_drifted(applied: Rig) -> None:
    reprioritised(applied, 44)
    assert states(applied, code=2) == {EDITED: "drifted"}
    found = report(applied, code=2)["resources"]
    (edited,) = (each for each in found if each["address"] == EDITED)
    assert edited["fields"] == [
        {"path": ["priority"], "live": 44, "git": 40, "applied": 40, "applied_known": True}
    ]


def test_a_field_that_moved_in_git_is_pending(applied: Rig) -> None:
    asked_priority(applied, 46)
    assert states(applied, code=0) == {EDITED: "pending"}


def test_a_field_that_moved_on_both_sides_is_told_three_ways(applied: Rig) -> None:
    asked_priority(applied, 46)
    reprioritised(applied, 44)
    assert states(applied, code=2) == {EDITED: "both"}
    lines = [line.split() for line in applied.run("drift").output.splitlines()]
    for side in (["live", "44"], ["git", "46"], ["applied", "40"]):
        assert side in lines


def test_content_that_was_changed_by_hand_has_drifted(applied: Rig) -> None:
    rewritten(applied)
    assert states(applied, code=2) == {EDITED: "drifted"}


def test_what_was_deleted_by_hand_is_no_new_wish(applied: Rig) -> None:
    delete(applied, configuration(applied, "edited")["id"])
    assert states(applied, code=2) == {EDITED: "drifted"}


def test_what_git_asks_for_since_the_last_apply_is_pending(asked: Rig) -> None:
    found = states(asked, code=0)
    assert found.pop("Deployment/gone") == found.pop("DeviceGroup/old") == "extra"
    assert found.pop("Image/past") == found.pop("Model/past") == "extra"
    assert set(found.values()) == {"pending"}
    assert "Deployment/new" in found


def test_a_member_that_lost_its_tag_is_drift_of_its_group(applied: Rig) -> None:
    bare = {**tags(applied, "gw-1"), "reconciler": {}}
    with applied.emulator.context.store.transaction() as db:
        statement = "UPDATE hub_identity SET tags = ? WHERE device_id = 'gw-1'"
        db.execute(statement, (json.dumps(bare),))
    assert states(applied, code=2) == {"DeviceGroup/line": "drifted"}


def test_an_adopted_field_changes_its_line_alone(applied: Rig) -> None:
    reprioritised(applied, 44)
    before = file_of(applied, EDITED).read_text("utf-8")
    ran = applied.run("drift", "adopt", EDITED)
    assert ran.code == 0, ran.output
    after = file_of(applied, EDITED).read_text("utf-8")
    assert after == before.replace("priority: 40", "priority: 44")
    applied.commit("Adopt it")
    assert states(applied, code=0) == {}


def test_adopted_content_makes_the_plan_keep_what_is_live(applied: Rig) -> None:
    rewritten(applied)
    assert applied.run("drift", "adopt", EDITED).code == 0
    module = yaml.safe_load(file_of(applied, EDITED).read_text("utf-8"))["spec"]["modules"]
    assert module["edited"]["restartPolicy"] == "never"
    assert module["edited"]["env"] == {"LEVEL": "b"}
    applied.commit("Adopt it")
    plan = json.loads(applied.run("plan", "--format", "json").output)
    (change,) = (c for c in plan["resource_changes"] if c["address"] == EDITED)
    assert change["change"]["before"]["content"] == change["change"]["after"]["content"]


def test_what_would_make_the_fleet_invalid_is_not_adopted(applied: Rig) -> None:
    """Another deployment for the same devices has the priority 10."""
    reprioritised(applied, 11)
    before = file_of(applied, EDITED).read_bytes()
    ran = applied.run("drift", "adopt", EDITED)
    assert ran.code == 5
    assert "would not be valid any more" in ran.output
    assert file_of(applied, EDITED).read_bytes() == before


def test_what_has_not_drifted_is_not_adopted(applied: Rig) -> None:
    ran = applied.run("drift", "adopt", EDITED)
    assert ran.code == 64
    assert "has not drifted" in ran.output


def test_what_was_deleted_cannot_be_adopted(applied: Rig) -> None:
    delete(applied, configuration(applied, "edited")["id"])
    ran = applied.run("drift", "adopt", EDITED)
    assert ran.code == 5
    assert "no field that could be taken over" in ran.output


def test_an_agreement_holds_until_its_day(applied: Rig) -> None:
    """It is the first of January on the clock of this cloud."""
    reprioritised(applied, 44)
    day = applied.run("drift", "ignore", EDITED, "--until", "2026-01-02", "--reason", "an audit")
    assert day.code == 0, day.output
    applied.commit("Agree")
    assert states(applied, code=0) == {EDITED: "ignored"}
    assert applied.run("apply", "--auto-approve").code == 0
    assert configuration(applied, "edited")["priority"] == 44
    try:
        applied.clock.advance(86_400)
        assert states(applied, code=2) == {EDITED: "drifted"}
        assert "ignore.over" in applied.run("plan").output
    finally:
        applied.clock.advance(-86_400)


def test_an_agreement_on_one_field_leaves_the_others_to_git(applied: Rig) -> None:
    write(applied, {**body(configuration(applied, "edited")), **PRIORITY_AND_CONDITION}, "*")
    terms = ("--path", "/priority", "--until", "2026-01-02", "--reason", "an audit")
    assert applied.run("drift", "ignore", EDITED, *terms).code == 0
    applied.commit("Agree")
    assert applied.run("apply", "--auto-approve").code == 0
    after = configuration(applied, "edited")
    assert after["priority"] == 44
    assert after["target_condition"] != PRIORITY_AND_CONDITION["targetCondition"]


@pytest.mark.parametrize(
    ("terms", "code", "told"),
    [
        (("--until", "2026-01-01"), 64, "a day to come"),
        (("--until", "tomorrow"), 64, "does not match the format '%Y-%m-%d'"),
        (("--until", "2026-01-02", "--path", "/metrics"), 5, "what does: /priority"),
    ],
)
def test_an_agreement_that_would_leave_alone_nothing_is_refused(
    applied: Rig, terms: tuple[str, ...], code: int, told: str
) -> None:
    reprioritised(applied, 44)
    ran = applied.run("drift", "ignore", EDITED, "--reason", "an audit", *terms)
    assert (ran.code, told in ran.output) == (code, True), ran.output


def test_content_is_left_alone_as_a_whole_or_not_at_all(applied: Rig) -> None:
    rewritten(applied)
    terms = ("--path", "/content", "--until", "2026-01-02", "--reason", "an audit")
    ran = applied.run("drift", "ignore", EDITED, *terms)
    assert (ran.code, "left alone as a whole" in ran.output) == (5, True), ran.output


def test_what_lost_its_labels_is_told_how_it_gets_them_back(applied: Rig) -> None:
    write(applied, {**body(configuration(applied, "edited")), "labels": {}}, "*")
    told = applied.run("drift").output
    assert f"revert:  reconciler apply --only {EDITED} --adopt {EDITED} --env local\n" in told
    for way in (("adopt",), ("ignore", "--until", "2026-01-02", "--reason", "an audit")):
        ran = applied.run("drift", way[0], EDITED, *way[1:])
        assert (ran.code, "has no field that could be" in ran.output) == (5, True), ran.output
    given = ("--only", EDITED, "--adopt", EDITED, "--auto-approve")
    assert applied.run("apply", *given).code == 0
    assert states(applied, code=0) == {}


def test_options_before_the_name_of_what_to_do_are_refused(applied: Rig) -> None:
    ran = applied.run("drift", "--env", "local", "adopt", EDITED)
    assert (ran.code, "options stand after the name" in ran.output) == (64, True), ran.output


def test_a_word_for_one_plan_reaches_the_plan_that_heals(applied: Rig) -> None:
    rewritten(applied)
    healing = ("reconcile", "--to", "last-applied", "--auto-approve")
    ran = applied.run(*healing, "--allow", "replaces@sha256:0")
    assert (ran.code, "error[allow.stale]" in ran.output) == (5, True), ran.output


def test_content_under_an_agreement_is_not_replaced(applied: Rig) -> None:
    rewritten(applied)
    arguments = ("--until", "2026-01-02", "--reason", "an audit")
    assert applied.run("drift", "ignore", EDITED, *arguments).code == 0
    applied.commit("Agree")
    plan = json.loads(applied.run("plan", "--format", "json").output)
    assert [c["address"] for c in plan["resource_changes"]] == []


def test_healing_does_not_roll_forward(applied: Rig) -> None:
    rewritten(applied)
    file = file_of(applied, "Deployment/replaced")
    file.write_text(file.read_text("utf-8").replace("priority: 20", "priority: 24"), "utf-8")
    applied.commit("Something new")
    assert states(applied, code=2) == {EDITED: "drifted", "Deployment/replaced": "pending"}
    ran = applied.run("reconcile", "--to", "last-applied", "--auto-approve")
    assert ran.code == 0, ran.output
    assert states(applied, code=0) == {"Deployment/replaced": "pending"}
    assert configuration(applied, "replaced")["priority"] == 20


def test_healing_leaves_what_git_has_taken_over(applied: Rig) -> None:
    reprioritised(applied, 44)
    assert applied.run("drift", "adopt", EDITED).code == 0
    applied.commit("Adopt it")
    write(applied, {**body(configuration(applied, "replaced")), "priority": 26}, "*")
    ran = applied.run("reconcile", "--to", "last-applied", "--auto-approve")
    assert ran.code == 0, ran.output
    assert configuration(applied, "replaced")["priority"] == 20
    assert configuration(applied, "edited")["priority"] == 44


def test_a_comment_on_drift_has_every_resource_once(applied: Rig) -> None:
    reprioritised(applied, 44)
    written = applied.run("drift", "--format", "markdown").output
    assert written.startswith("<!-- reconciler:drift:v1 env=local -->\n")
    assert written.count(f"| drifted | `{EDITED}` |") == 1
    assert "- priority: 40\n+ priority: 44\n" in written
    assert fleets.OWNER not in written
