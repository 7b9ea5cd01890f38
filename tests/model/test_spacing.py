"""Room between priorities, so that a replacement can stand above what it replaces."""

from __future__ import annotations

from reconciler.model import Resource, crowded
from tests.fleets import draft, stack
from tests.small_kinds import KINDS


def deployment(name: str, priority: int, group: str = "all") -> Resource:
    return draft("Deployment", name, {"targetCondition": group, "priority": priority})


def names(*fleet: Resource) -> list[str]:
    return [str(problem.subject) for problem in crowded(fleet, KINDS)]


def test_neighbours_are_two_apart() -> None:
    assert names(deployment("a", 10), deployment("b", 12), deployment("c", 14)) == []


def test_what_is_too_close_is_named_with_its_neighbour() -> None:
    [problem] = crowded([deployment("b", 11), deployment("a", 10)], KINDS)
    assert str(problem).startswith("fleet/deployments/b.yaml:1: error[priority.crowded]")
    assert problem.summary == "priority 11 is too close to 10 of Deployment/a, for the same devices"
    assert problem.path == ("priority",)


def test_equals_are_too_close() -> None:
    assert names(deployment("b", 10), deployment("a", 10)) == ["Deployment/b"]


def test_all_that_are_too_close_are_reported() -> None:
    fleet = [deployment("a", 10), deployment("b", 11), deployment("c", 12), deployment("d", 20)]
    assert names(*fleet) == ["Deployment/b", "Deployment/c"]


def test_other_devices_are_other_company() -> None:
    assert names(deployment("a", 10), deployment("b", 10, group="others")) == []


def test_kinds_without_an_order_are_never_crowded() -> None:
    assert names(*stack("a"), *stack("a")[:2]) == []
