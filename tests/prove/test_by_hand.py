"""What people do in the portal is put right where it is ours, and left alone where it is not."""

from __future__ import annotations

import json
from typing import Any

from reconciler.emulator import hub
from reconciler.emulator.hub import configurations
from reconciler.emulator.hub.configurations import Writing, put
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.switches import Switches
from tests.prove import fleet_before_and_after as fleets
from tests.prove.rig import Rig

Row = dict[str, Any]


def configuration(rig: Rig, name: str) -> Row:
    (found,) = (row for row in rig.rows("hub_configuration") if row["id"].startswith(f"{name}-"))
    return found


def body(row: Row) -> Row:
    """As it is sent to the hub."""
    return {
        "id": row["id"],
        "labels": json.loads(row["labels"]),
        "content": json.loads(row["content"]),
        "targetCondition": row["target_condition"],
        "priority": row["priority"],
    }


def write(rig: Rig, document: Row, match: str = "") -> None:
    context = rig.emulator.context
    with context.store.transaction() as db:
        writing = Writing(Match(match), context.clock.now(), Switches())
        put(db, document["id"], document, writing)
    hub.tick(context)


def delete(rig: Rig, name: str) -> None:
    with rig.emulator.context.store.transaction() as db:
        configurations.delete(db, name, Match("*"), rig.clock.now())


def tags(rig: Rig, device: str) -> Row:
    (row,) = (
        row
        for row in rig.rows("hub_identity")
        if row["device_id"] == device and not row["module_id"]
    )
    found: Row = json.loads(row["tags"])
    return found


def settles(rig: Rig) -> None:
    ran = rig.run("apply", "--auto-approve")
    assert ran.code == 0, ran.output
    assert rig.run("plan", "--detailed-exitcode").code == 0


def test_a_priority_and_a_label_are_put_back_in_place(applied: Rig) -> None:
    ours = configuration(applied, "edited")
    changed = {**body(ours), "priority": 99, "labels": {**body(ours)["labels"], "team": "x"}}
    write(applied, changed, "*")
    settles(applied)
    now = configuration(applied, "edited")
    assert (now["id"], now["priority"], body(now)["labels"]["team"]) == (ours["id"], 40, "a")


def test_a_deployment_that_was_deleted_comes_back_under_its_id(applied: Rig) -> None:
    ours = configuration(applied, "edited")
    delete(applied, ours["id"])
    settles(applied)
    assert configuration(applied, "edited")["id"] == ours["id"]


def test_one_that_was_made_again_with_other_content_gets_a_genuine_one_beside_it(
    applied: Rig,
) -> None:
    ours = configuration(applied, "edited")
    delete(applied, ours["id"])
    content = body(configuration(applied, "gone"))["content"]
    write(applied, {**body(ours), "content": content})
    settles(applied)
    now = configuration(applied, "edited")
    assert now["id"] == f"{ours['id']}-r2"
    assert body(now)["content"] == body(ours)["content"]


def test_a_clone_without_our_labels_is_not_touched(applied: Rig) -> None:
    clone = {**body(configuration(applied, "edited")), "id": "my-copy", "labels": {}}
    write(applied, {**clone, "priority": 98})
    settles(applied)
    (copy,) = (row for row in applied.rows("hub_configuration") if row["id"] == "my-copy")
    assert copy["priority"] == 98


def test_a_tag_that_was_removed_is_set_again_and_others_stay(applied: Rig) -> None:
    """So is a twin that a provisioning service has set back to where it began."""
    before = tags(applied, "gw-1")
    with applied.emulator.context.store.transaction() as db:
        bare = json.dumps({"role": "gateway", "site": {"floor": 2}})
        db.execute("UPDATE hub_identity SET tags = ? WHERE device_id = 'gw-1'", (bare,))
    settles(applied)
    assert tags(applied, "gw-1") == before
    assert before["site"] == {"floor": 2}


def test_a_member_that_somebody_added_by_hand_is_no_member(applied: Rig) -> None:
    strange = {**tags(applied, "gw-4"), "reconciler": {fleets.OWNER: {"line": True}}}
    with applied.emulator.context.store.transaction() as db:
        db.execute(
            "UPDATE hub_identity SET tags = ? WHERE device_id = 'gw-4'", (json.dumps(strange),)
        )
    settles(applied)
    assert tags(applied, "gw-4")["reconciler"][fleets.OWNER] == {}


def test_a_model_that_was_archived_is_registered_again(applied: Rig) -> None:
    """Not what images hold, which the workspace keeps: what only waits to be used."""
    with applied.emulator.context.store.transaction() as db:
        db.execute("DELETE FROM record WHERE kind = 'model' AND name = 'kept'")
    settles(applied)
    names = [row["name"] for row in applied.rows("record") if row["kind"] == "model"]
    assert names.count("kept") == 1
