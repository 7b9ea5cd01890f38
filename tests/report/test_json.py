"""What a program reads: Terraform's shape, and what is ours beside it."""

from __future__ import annotations

import json as standard
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from reconciler.diff import Action, Change, Reason
from reconciler.model import MASK, Commit, Observed, ResourceId, Scope, Secret
from reconciler.plan import UNKNOWN, Plan, Policy
from reconciler.providers.port import ProviderError
from reconciler.report import json
from reconciler.report.outcomes import results
from tests.fleets import REGISTRY, apply, draft, guarded, holding, plan_for, stack
from tests.report.scenes import SCENES


def read(plan: Plan) -> dict[str, Any]:
    found: dict[str, Any] = standard.loads(json.render(json.document(plan)))
    return found


def scene(name: str) -> dict[str, Any]:
    return read(SCENES[name]())


def entry(document: Mapping[str, Any], address: str) -> dict[str, Any]:
    [found] = [e for e in document["resource_changes"] if e["address"] == address]
    return dict(found)


@pytest.mark.parametrize("name", SCENES)
def test_every_plan_has_terraforms_keys(name: str) -> None:
    document = scene(name)
    assert document.keys() >= {
        "format_version",
        "resource_changes",
        "resource_drift",
        "checks",
        "complete",
        "errored",
        "applyable",
    }
    for change in document["resource_changes"]:
        assert change.keys() >= {"address", "type", "name", "action_reason", "change"}
        assert change["change"].keys() == {
            "actions",
            "before",
            "after",
            "after_unknown",
            "before_sensitive",
            "after_sensitive",
            "replace_paths",
        }


def test_content_that_was_changed_by_hand_is_drift() -> None:
    document = scene("tampered")
    [found] = document["resource_drift"]
    assert (found["address"], found["type"]) == ("Deployment/vision", "Deployment")
    assert found["action_reason"] == "content_changed_by_hand"
    change = found["change"]
    assert change["actions"] == ["update"]
    assert change["after"] == entry(document, "Deployment/vision")["change"]["before"]
    assert change["before"] == entry(document, "Deployment/vision")["change"]["after"]
    assert change["before"]["content"]["modules"] != change["after"]["content"]["modules"]


def test_labels_that_were_removed_by_hand_are_drift() -> None:
    name = ResourceId("Deployment", "vision", "v1:12")
    have = Observed(name, {"priority": 10}, address="vision-12", content={"key": "1234"})
    stripped = Change(name, Action.NOOP, Reason.STRIPPED, have, None, hidden=(("key",),))
    document = read(Plan(Commit(), Scope("plant-a", "prod"), "memory", (), unchanged=(stripped,)))
    [found] = document["resource_drift"]
    assert (found["object"], found["action_reason"]) == ("vision-12", "labels_removed_by_hand")
    assert found["change"]["before"] == found["change"]["after"] == {"key": MASK}
    assert found["change"]["after_sensitive"] == {"key": True}


def test_what_moved_in_git_is_no_drift() -> None:
    assert scene("replacement")["resource_drift"] == scene("interrupted")["resource_drift"] == []


def test_a_creation_has_no_before_and_marks_what_is_unknown() -> None:
    found = entry(scene("create"), "Deployment/vision")
    change = found["change"]
    assert (change["actions"], change["before"]) == (["create"], None)
    assert change["after"]["content"]["modules"] == {"app": {"image": UNKNOWN}}
    assert change["after_unknown"] == {"content": {"modules": {"app": {"image": True}}}}
    assert (found["wave"], found["precondition"]) == (3, {"absent": True})
    assert found["origin"] == {"file": "fleet/deployments/vision.yaml", "line": 1, "column": 1}


def test_a_password_is_masked_and_marked_sensitive() -> None:
    change = entry(scene("create"), "Deployment/vision")["change"]
    assert change["after"]["content"]["registries"]["registry"]["password"] == MASK
    marks = {"content": {"registries": {"registry": {"password": True}}}}
    assert change["after_sensitive"] == marks
    assert change["before_sensitive"] is False


def test_an_update_shows_both_sides_in_one_shape() -> None:
    found = entry(scene("update"), "Deployment/vision")
    assert found["change"]["before"] == {"targetCondition": "tags.line = 'vision'", "priority": 10}
    assert found["change"]["after"] == {"targetCondition": "tags.line = 'z'", "priority": 20}
    assert found["precondition"].keys() == {"address", "etag", "sha256", "commit"}
    tags = entry(scene("update"), "Image/vision")["change"]
    assert tags["after"] == {"tags": {"team": "vision", "new": "y"}}


def test_an_update_shows_a_field_that_was_not_there_before() -> None:
    cloud = holding(*stack("vision")[:1])
    plan = plan_for(cloud, stack("vision", Model={"tags": {"team": "edge"}})[:1])
    change = entry(read(plan), "Model/vision")["change"]
    assert (change["before"], change["after"]) == ({}, {"tags": {"team": "edge"}})


def test_a_replacement_is_one_entry_with_two_steps() -> None:
    found = entry(scene("replacement"), "Deployment/vision")
    assert found["change"]["actions"] == ["create", "delete"]
    assert found["action_reason"] == "replace_because_cannot_update"
    create, delete = found["steps"]
    assert (create["action"], create["wave"], create["precondition"]) == (
        "create",
        3,
        {"absent": True},
    )
    assert (delete["action"], delete["wave"]) == ("delete", 4)
    assert delete["precondition"]["address"] == "vision-2904213b"


def test_a_replacement_shows_both_documents_and_where_they_differ() -> None:
    change = entry(scene("replacement"), "Deployment/vision")["change"]
    assert change["before"].keys() == change["after"].keys()
    assert ["content", "modules", "app", "image"] in change["replace_paths"]
    assert ["priority"] in change["replace_paths"]


def test_a_deletion_has_no_after() -> None:
    found = entry(scene("removal"), "Deployment/gone")
    assert found["change"]["actions"] == ["delete"]
    assert found["change"]["after"] is None
    assert found["change"]["before"]["priority"] == 10
    assert found["action_reason"] == "delete_because_no_resource_config"


def test_a_hidden_field_is_masked_on_both_sides() -> None:
    document = scene("hidden")
    change = entry(document, "Lock/door")["change"]
    assert change["before"] == change["after"] == {"code": MASK, "color": "red"}
    assert change["before_sensitive"] == change["after_sensitive"] == {"code": True}
    assert entry(document, "Lock/gate")["change"]["after"]["code"] == MASK
    assert "1234" not in standard.dumps(document)


def test_a_build_that_still_runs_is_no_empty_place() -> None:
    found = entry(scene("waiting"), "Image/vision")
    assert found["action_reason"] == "pending"
    assert (found["precondition"]["address"], found["precondition"]["etag"]) == ("", "")
    assert found["change"]["before"] is None


def test_problems_are_checks() -> None:
    document = scene("refused")
    assert [(check["status"], check["code"]) for check in document["checks"]] == [
        ("fail", "guard.deletes"),
        ("fail", "plan.taken"),
    ]
    assert document["checks"][1]["file"] == "fleet/devicegroups/vision.yaml"
    assert (document["errored"], document["applyable"]) == (True, False)


def test_a_warning_does_not_stop_a_plan() -> None:
    document = scene("blocked")
    assert [check["status"] for check in document["checks"]] == ["warn"]
    assert (document["errored"], document["applyable"]) == (False, True)


def test_nothing_to_do_is_not_applyable() -> None:
    document = scene("nothing")
    assert (document["resource_changes"], document["applyable"]) == ([], False)


@pytest.mark.parametrize(("name", "complete"), [("create", True), ("part", False)])
def test_a_part_of_a_plan_says_that_it_is_not_complete(name: str, *, complete: bool) -> None:
    assert scene(name)["complete"] is complete


def test_the_document_cannot_act_on_a_terminal() -> None:
    found = json.render(json.document(SCENES["hostile"]()))
    assert all(c.isprintable() or c == "\n" for c in found)
    assert found.isascii()


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert json.render(json.document(SCENES["replacement"]())) == json.render(
        json.document(SCENES["replacement"]())
    )


def test_results_are_counted_and_in_the_order_of_resources() -> None:
    cloud = holding()
    cloud.fail(ResourceId("Image", "vision"), ProviderError("no room", "make room"))
    document = standard.loads(json.render(results(apply(cloud, stack("vision")))))
    assert document["counts"] == {"applied": 2, "failed": 1, "blocked": 1}
    assert [(r["address"], r["result"], r["object"]) for r in document["results"]] == [
        ("Deployment/vision", "blocked", None),
        ("DeviceGroup/vision", "applied", "vision"),
        ("Image/vision", "failed", None),
        ("Model/vision", "applied", "vision-2f4ea124"),
    ]
    failed = document["results"][2]
    assert (failed["action"], failed["detail"], failed["hint"]) == (
        "create",
        "no room",
        "make room",
    )


PLAN = SCENES["replacement"]()
DIGEST = json.document(PLAN)["plan_digest"]


def test_the_digest_does_not_depend_on_when_or_where_a_plan_was_made() -> None:
    elsewhere = replace(PLAN, commit=replace(PLAN.commit, repository="git@elsewhere:fleet"))
    assert json.document(elsewhere)["plan_digest"] == DIGEST
    later = {**json.document(PLAN), "timestamp": "2031-01-01T00:00:00Z", "expires_at": "2031"}
    assert json.digest(later) == DIGEST


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAN, commit=Commit("0" * 40)),
        replace(PLAN, commit=replace(PLAN.commit, dirty=True)),
        replace(PLAN, scope=replace(PLAN.scope, environment="test")),
        replace(PLAN, waves=PLAN.waves[:-1]),
        SCENES["update"](),
    ],
)
def test_the_digest_depends_on_what_would_be_done(other: Plan) -> None:
    assert json.document(other)["plan_digest"] != DIGEST


def test_the_digest_depends_on_what_the_plan_was_made_from_and_not_on_its_etag() -> None:
    cloud = holding(*stack("vision"))
    after = stack("vision", Deployment={"priority": 20})
    before = json.document(plan_for(cloud, after))["plan_digest"]
    [item] = cloud.handlers["Deployment"].items
    cloud.touch(item)
    assert json.document(plan_for(cloud, after))["plan_digest"] == before
    by_hand = {**cloud.handlers["Deployment"].items[item].content, "more": "by hand"}
    cloud.hold(replace(cloud.handlers["Deployment"].items[item], content=by_hand))
    assert json.document(plan_for(cloud, after))["plan_digest"] != before


def test_the_digest_does_not_depend_on_the_order_of_files() -> None:
    # Two warnings and two errors, whose order must not be that of the documents either.
    cloud = holding(*guarded("vision"), *stack("gone"))
    cloud.handlers[REGISTRY.kind].secrets = {"other": Secret("x")}
    pinned = [draft("Model", name, {"version": 3}) for name in ("p", "q")]
    cloud.handlers["Model"].absent |= {model.id for model in pinned}
    fleet = (*guarded("vision"), draft(REGISTRY.kind, "second", {"username": "u"}), *pinned)
    there = read(plan_for(cloud, fleet, Policy(prune=True)))
    back = read(plan_for(cloud, tuple(reversed(fleet)), Policy(prune=True)))
    assert len(there["checks"]) == 4
    assert there == back
