"""What is done with each resource, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from reconciler.diff import Action, Change, Intent, Reason, diff
from reconciler.model import (
    ActualState,
    Observed,
    Resource,
    ResourceId,
    Spec,
    State,
)
from tests.fleets import draft, lines, linked, stack
from tests.small_kinds import KINDS

PRUNE = Intent(prune=True)
KEEP = Intent()


def seen(resource: Resource) -> Observed:
    """What a provider reports of a linked resource that was written as it is."""
    return Observed(
        resource.id, resource.spec, version="1", owned=True, address="there", refs=resource.refs
    )


def observed(*fleet: Resource) -> tuple[Observed, ...]:
    return tuple(seen(resource) for resource in linked(*fleet).resources.values())


def changes(
    wanted: Iterable[Resource], there: Iterable[Observed], intent: Intent = PRUNE
) -> tuple[Change, ...]:
    actual = ActualState("memory", {item.id: item for item in there})
    return diff(linked(*wanted), actual, KINDS, intent)


def of_kind(kind: str, found: Iterable[Change]) -> list[str]:
    return sorted(lines(change for change in found if change.id.kind == kind))


MODEL, IMAGE, GROUP, DEPLOYMENT = stack("vision")
[MODEL_SEEN] = observed(MODEL)


def test_what_is_not_there_is_created() -> None:
    assert lines(changes([MODEL], [])) == ["CREATE Model/vision MISSING"]


def test_what_is_as_it_should_be_is_left_alone() -> None:
    assert lines(changes([MODEL], [MODEL_SEEN])) == ["NOOP Model/vision SAME"]


def test_fields_that_differ_are_named() -> None:
    there = replace(MODEL_SEEN, spec={"tags": {"team": "old", "gone": "x"}, "description": "d"})
    model = replace(MODEL, spec={**MODEL.spec, "tags": {"team": "edge", "new": "y"}})
    assert lines(changes([model], [there])) == [
        "UPDATE Model/vision CHANGED description tags.gone tags.new tags.team"
    ]


@pytest.mark.parametrize(("before", "after"), [({}, {"tags": {}}), ({"tags": {}}, {})])
def test_an_empty_mapping_and_none_at_all_are_one(before: Spec, after: Spec) -> None:
    there = replace(MODEL_SEEN, spec=before)
    model = replace(MODEL, spec={**MODEL.spec, **after})
    assert lines(changes([model], [there])) == ["NOOP Model/vision SAME"]


@pytest.mark.parametrize("spec", [{"d": ""}, {"d": 0}, {"d": False}, {"d": ()}])
def test_an_empty_value_is_not_the_same_as_none(spec: Spec) -> None:
    there = replace(MODEL_SEEN, spec=spec)
    assert lines(changes([MODEL], [there])) == ["UPDATE Model/vision CHANGED d"]


def test_content_and_what_the_cloud_owns_are_never_compared() -> None:
    there = replace(MODEL_SEEN, spec={"sha256": "not what it was", "path": {"deep": "gone"}})
    assert lines(changes([MODEL], [there])) == ["NOOP Model/vision SAME"]


def test_an_ignored_field_below_one_that_is_missing_is_ignored() -> None:
    # The service reports no `modules` at all: what is below is CONTENT, field by field.
    bare = [
        replace(item, spec={key: value for key, value in item.spec.items() if key != "modules"})
        for item in observed(*stack("vision"))
    ]
    found = changes(stack("vision"), bare)
    assert {change.reason for change in found} == {Reason.SAME}


def test_an_older_generation_goes_when_its_heir_stands() -> None:
    before = observed(*stack("vision"))
    after = stack("vision", Deployment={"modules": {}})
    assert of_kind("Deployment", changes(after, before, KEEP)) == [
        "CREATE Deployment/vision MISSING",
        "DELETE Deployment/vision SUPERSEDED",
    ]


def test_an_older_generation_is_kept_if_its_kind_says_so() -> None:
    model = replace(MODEL, spec={"sha256": "22"})
    assert of_kind("Model", changes([model], [MODEL_SEEN])) == [
        "CREATE Model/vision MISSING",
        "NOOP Model/vision KEPT",
    ]


def test_what_left_git_goes_only_with_prune() -> None:
    assert lines(changes([], [MODEL_SEEN], PRUNE)) == ["DELETE Model/vision REMOVED"]
    assert lines(changes([], [MODEL_SEEN], KEEP)) == ["NOOP Model/vision EXTRA"]


def test_a_kind_that_is_kept_does_not_go_with_prune() -> None:
    kept = Intent(prune=True, kept=frozenset({"Model"}))
    assert lines(changes([], [MODEL_SEEN], kept)) == ["NOOP Model/vision UNTOUCHED"]


@pytest.mark.parametrize("intent", [PRUNE, KEEP])
def test_what_is_not_ours_is_left_alone(intent: Intent) -> None:
    theirs = replace(MODEL_SEEN, owned=False)
    assert lines(changes([], [theirs], intent)) == ["NOOP Model/vision FOREIGN"]
    heirless = replace(theirs, id=ResourceId("Model", "vision", "another"))
    assert "NOOP Model/vision FOREIGN" in lines(changes([MODEL], [heirless], intent))


def test_what_is_kept_for_ever_can_be_shared() -> None:
    theirs = replace(MODEL_SEEN, owned=False, spec={"tags": {"theirs": "x"}})
    assert lines(changes([MODEL], [theirs])) == ["NOOP Model/vision SHARED"]


def test_an_id_that_somebody_else_took_is_not_touched() -> None:
    [there] = observed(GROUP)
    theirs = replace(there, owned=False, spec={})
    assert lines(changes([GROUP], [theirs])) == ["NOOP DeviceGroup/vision TAKEN"]


def test_what_is_only_referred_to_is_never_written() -> None:
    pinned = draft("Model", "vision", {"version": 3})
    [there] = observed(pinned)
    elsewhere = replace(there, owned=False, spec={"tags": {"theirs": "x"}})
    assert lines(changes([pinned], [elsewhere])) == ["NOOP Model/vision SAME"]
    assert lines(changes([pinned], [])) == ["NOOP Model/vision ABSENT"]


def test_a_build_that_still_runs_is_waited_for() -> None:
    there = replace(MODEL_SEEN, state=State.PENDING)
    assert lines(changes([MODEL], [there])) == ["CREATE Model/vision PENDING"]


def test_a_build_that_failed_is_tried_again_only_on_request() -> None:
    there = replace(MODEL_SEEN, state=State.FAILED)
    assert lines(changes([MODEL], [there])) == ["NOOP Model/vision BROKEN"]
    again = Intent(retry_failed=True)
    assert lines(changes([MODEL], [there], again)) == ["CREATE Model/vision RETRIED"]


def test_what_stays_holds_what_it_refers_to() -> None:
    before = observed(*stack("vision", Image={"models": ("old",)}), *stack("old")[:1])
    after = stack("vision", Image={"base": "cuda"})
    found = changes(after, before)
    assert of_kind("Image", found) == ["CREATE Image/vision MISSING", "NOOP Image/vision KEPT"]
    assert of_kind("Model", found) == ["NOOP Model/old HELD", "NOOP Model/vision SAME"]


def test_holding_goes_through_others() -> None:
    before = observed(*stack("vision"))
    theirs = [
        replace(item, owned=False) if item.id.kind == "Deployment" else item for item in before
    ]
    assert sorted(lines(changes([], theirs))) == [
        "NOOP Deployment/vision FOREIGN",
        "NOOP DeviceGroup/vision HELD",
        "NOOP Image/vision HELD",
        "NOOP Model/vision HELD",
    ]


def test_what_goes_holds_nothing() -> None:
    found = changes([], observed(*stack("vision")))
    assert {change.action for change in found} == {Action.DELETE}


def test_what_this_run_builds_is_unknown_until_then() -> None:
    before = observed(*stack("vision"))
    found = changes(stack("vision", Image={"base": "cuda"}), before)
    [image] = [c for c in found if c.id.kind == "Image" and c.action is Action.CREATE]
    [deployment] = [c for c in found if c.id.kind == "Deployment" and c.action is Action.CREATE]
    assert image.unknown == ()
    assert deployment.unknown == (("modules", "app", "image"),)


def test_what_is_updated_in_place_is_known_before() -> None:
    before = observed(*stack("vision"))
    after = stack("vision", Image={"tags": {"team": "edge"}}, Deployment={"routes": {"up": "x"}})
    [deployment] = [c for c in changes(after, before) if c.reason is Reason.MISSING]
    assert deployment.id.kind == "Deployment"
    assert deployment.unknown == ()


def test_every_resource_of_either_side_stands_once_and_in_order() -> None:
    found = changes(stack("a"), observed(*stack("b"), *stack("a", Model={"sha256": "22"})))
    ids = [change.id for change in found]
    assert ids == sorted(set(ids))
    assert len(ids) == 4 + 4 + 3
