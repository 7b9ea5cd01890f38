"""In which order, and what cannot be done."""

from __future__ import annotations

from reconciler.diff import Change
from reconciler.model import State
from reconciler.plan import Plan
from reconciler.plan.graph import blocked, waits
from reconciler.plan.narrow import narrowed
from tests.fleets import PRUNING, become, holding, lines, plan_for, stack

FLEET = stack("vision")


def order(plan: Plan) -> list[list[str]]:
    return [lines(wave) for wave in plan.waves]


def test_what_is_referred_to_comes_first() -> None:
    assert order(plan_for(holding(), FLEET)) == [
        ["CREATE DeviceGroup/vision MISSING", "CREATE Model/vision MISSING"],
        ["CREATE Image/vision MISSING"],
        ["CREATE Deployment/vision MISSING"],
    ]


def test_what_refers_goes_first() -> None:
    assert order(plan_for(holding(*FLEET), [])) == [
        ["DELETE Deployment/vision REMOVED"],
        ["DELETE DeviceGroup/vision REMOVED", "DELETE Image/vision REMOVED"],
        ["DELETE Model/vision REMOVED"],
    ]


def test_the_old_generation_waits_for_its_heir_and_what_left_git_goes_last() -> None:
    plan = plan_for(
        holding(*FLEET, *stack("gone")),
        stack("vision", Model={"sha256": "22"}, DeviceGroup={"devices": ("gw-9",)}),
    )
    assert order(plan) == [
        ["UPDATE DeviceGroup/vision CHANGED devices", "CREATE Model/vision MISSING"],
        ["CREATE Image/vision MISSING"],
        ["CREATE Deployment/vision MISSING"],
        ["DELETE Deployment/vision SUPERSEDED"],
        ["DELETE Deployment/gone REMOVED"],
        ["DELETE DeviceGroup/gone REMOVED", "DELETE Image/gone REMOVED"],
        ["DELETE Model/gone REMOVED"],
    ]


def test_what_is_no_longer_referred_to_waits_for_who_still_does() -> None:
    other = stack("vision", Deployment={"targetCondition": "gone"})
    cloud = holding(*other, *stack("gone")[2:3])
    plan = plan_for(cloud, FLEET)
    assert order(plan) == [
        ["UPDATE Deployment/vision CHANGED targetCondition"],
        ["DELETE DeviceGroup/gone REMOVED"],
    ]
    needs = waits(plan.changes)
    [deployment], [group] = plan.waves
    assert needs == {deployment.id: (), group.id: (deployment.id,)}


def test_a_build_that_failed_blocks_what_needs_it() -> None:
    cloud = holding(*FLEET)
    after = stack("vision", Model={"sha256": "22"})
    become(cloud, after, "Image", State.FAILED)
    plan = plan_for(cloud, (*after, *stack("other")[:1]))
    [stuck] = plan.stuck
    assert lines(plan.stuck) == ["NOOP Image/vision BROKEN"]
    causes = blocked(plan.changes, [stuck.id])
    assert lines(change for change in plan.changes if change.id in causes) == [
        "CREATE Deployment/vision MISSING",
        "DELETE Deployment/vision SUPERSEDED",
    ]
    assert set(causes.values()) == {stuck.id}
    assert plan.applicable


def names(plan: Plan) -> list[str]:
    return [f"{change.action.name} {change.id}" for change in plan.changes]


def test_a_plan_of_a_part_takes_what_that_part_waits_for() -> None:
    plan = plan_for(holding(), (*FLEET, *stack("other")))
    assert names(narrowed(plan, ["Deployment/vision"], [])) == [
        "CREATE DeviceGroup/vision",
        "CREATE Model/vision",
        "CREATE Image/vision",
        "CREATE Deployment/vision",
    ]


def test_a_plan_without_a_part_leaves_what_waits_for_it() -> None:
    plan = plan_for(holding(), (*FLEET, *stack("other")))
    assert names(narrowed(plan, [], ["*/other", "Image/*"])) == [
        "CREATE DeviceGroup/vision",
        "CREATE Model/vision",
    ]


def test_a_plan_of_a_part_without_another_part() -> None:
    plan = plan_for(holding(), (*FLEET, *stack("other")))
    assert names(narrowed(plan, ["*/vision"], ["DeviceGroup/*"])) == [
        "CREATE Model/vision",
        "CREATE Image/vision",
    ]


def test_a_replacement_is_never_cut_in_two() -> None:
    plan = plan_for(holding(*FLEET), stack("vision", Deployment={"modules": {}}))
    both = ["CREATE Deployment/vision", "DELETE Deployment/vision"]
    assert names(narrowed(plan, ["Deployment/*"], [])) == both
    assert names(narrowed(plan, [], ["Deployment/*"])) == []


def test_removing_a_part_takes_whoever_still_refers_to_it() -> None:
    plan = plan_for(holding(*FLEET), [])
    assert names(narrowed(plan, ["Image/vision"], [])) == [
        "DELETE Deployment/vision",
        "DELETE Image/vision",
    ]


def test_globs_tell_capitals_apart() -> None:
    assert names(narrowed(plan_for(holding(), FLEET), ["model/*"], [])) == []


def test_no_globs_are_the_whole_plan() -> None:
    plan = plan_for(holding(), FLEET, PRUNING)
    assert narrowed(plan, [], []) is plan


def test_a_part_keeps_the_order_and_has_no_empty_waves() -> None:
    plan = narrowed(plan_for(holding(), FLEET), ["Model/*"], [])
    changes: tuple[Change, ...] = plan.changes
    assert [len(wave) for wave in plan.waves] == [1]
    assert plan.left_out == 3
    assert lines(changes) == ["CREATE Model/vision MISSING"]
