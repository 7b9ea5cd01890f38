"""A provider that holds only so many objects: what fits, and in what order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from reconciler.apply import Pace, execute
from reconciler.model import Observed, Resource, ResourceId
from reconciler.plan import Plan, Policy, Result
from reconciler.plan.capacity import Room
from reconciler.providers.memory import MemoryCloud
from tests.fleets import PRUNING, draft, holding, lines, plan_for

GROUP = draft("DeviceGroup", "all", {"targetCondition": "*"})


def fleet(names: str, route: str = "a") -> list[Resource]:
    deployments = [
        draft(
            "Deployment",
            name,
            {"targetCondition": "all", "priority": 10 * place, "routes": {"up": route}},
        )
        for place, name in enumerate(names)
    ]
    return [GROUP, *deployments]


def within(limit: int) -> Policy:
    return replace(PRUNING, capacity={"Deployment": limit})


def codes(plan: Plan) -> list[str]:
    return [diagnostic.code for diagnostic in plan.diagnostics]


def peak(cloud: MemoryCloud, plan: Plan, workers: int) -> int:
    """The most deployments that stood at any time while the plan was carried out."""
    there = [len(cloud.handlers["Deployment"].items)]
    for outcome in execute(plan, cloud.provider, Pace(workers)):
        assert outcome.result is Result.APPLIED
        there.append(len(cloud.handlers["Deployment"].items))
    return max(there)


def hold_foreign(cloud: MemoryCloud, names: Iterable[str]) -> None:
    for name in names:
        cloud.hold(Observed(ResourceId("Deployment", name, "0"), {}, address=name))


def test_what_fits_beside_everything_needs_no_order() -> None:
    plan = plan_for(holding(*fleet("ab")), fleet("ab", "b"), within(4))
    assert (plan.after, plan.diagnostics) == ({}, ())
    assert plan.rooms == (Room("Deployment", limit=4, live=2, peak=4),)


def test_a_kind_without_a_limit_has_all_the_room() -> None:
    assert plan_for(holding(), fleet("ab"), PRUNING).rooms == ()


def test_a_plan_that_creates_nothing_needs_no_room() -> None:
    plan = plan_for(holding(*fleet("ab")), fleet("a"), within(1))
    assert (codes(plan), plan.rooms) == ([], ())


@pytest.mark.parametrize("workers", [1, 8])
def test_near_the_limit_replacements_go_one_at_a_time(workers: int) -> None:
    cloud = holding(*fleet("abc"))
    plan = plan_for(cloud, fleet("abc", "b"), within(4))
    assert codes(plan) == []
    assert peak(cloud, plan, workers) == 4
    assert plan_for(cloud, fleet("abc", "b"), within(4)).changes == ()


@pytest.mark.parametrize("workers", [1, 8])
def test_as_many_replacements_go_side_by_side_as_there_are_free_places(workers: int) -> None:
    cloud = holding(*fleet("abcd"))
    plan = plan_for(cloud, fleet("abcd", "b"), within(6))
    assert lines(plan.waves[0]) == [f"CREATE Deployment/{name} MISSING" for name in "ab"]
    assert peak(cloud, plan, workers) <= 6


@pytest.mark.parametrize("workers", [1, 8])
def test_what_frees_no_place_comes_last(workers: int) -> None:
    cloud = holding(*fleet("abc"))
    plan = plan_for(cloud, fleet("abcd", "b"), within(4))
    assert codes(plan) == []
    assert plan.rooms == (Room("Deployment", limit=4, live=3, peak=4),)
    assert peak(cloud, plan, workers) == 4


def test_a_full_place_is_refused_with_what_could_go() -> None:
    cloud = holding(*fleet("abc"))
    hold_foreign(cloud, "xy")
    plan = plan_for(cloud, fleet("abd"), replace(within(5), prune=False))
    [problem] = plan.diagnostics
    assert problem.code == "guard.capacity"
    assert problem.summary == ("5 of 5 Deployment objects exist, and the plan needs 6 at its peak")
    [gone] = [c.before.address for c in plan.unchanged if c.id.name == "c" and c.before]
    assert problem.hint.endswith(f"what could go: {gone}")
    assert not plan.applicable


def test_what_others_have_takes_room_and_is_never_proposed() -> None:
    cloud = holding(GROUP)
    hold_foreign(cloud, "xyz")
    [problem] = plan_for(cloud, fleet("a"), within(3)).diagnostics
    assert problem.hint.endswith("what could go: none of ours")


def test_only_some_of_many_that_could_go_are_named() -> None:
    names = "abcdefghijkl"
    cloud = holding(*fleet(names))
    [problem] = plan_for(cloud, fleet("z"), within(12)).diagnostics
    assert problem.hint.endswith(" and 2 more")


def test_pruning_frees_its_places_too_late() -> None:
    # What left git goes last: nothing is deleted before everything else stands.
    plan = plan_for(holding(*fleet("ab")), fleet("ac"), within(2))
    assert codes(plan) == ["guard.capacity"]
