"""Planning stays linear, counted in calls, which are the same on every machine."""

from __future__ import annotations

import sys
from types import FrameType

from reconciler.diff import Action
from reconciler.model import ActualState, Observed, Resource
from reconciler.plan import Plan, Wish, build
from reconciler.plan.entries import entries
from tests.fleets import COMMIT, KEEPING, SCOPE, linked, stack
from tests.small_kinds import KINDS


def fleet(stacks: int, sha256: str) -> tuple[Resource, ...]:
    return tuple(r for n in range(stacks) for r in stack(f"s{n}", Model={"sha256": sha256}))


def observed(resource: Resource) -> Observed:
    return Observed(resource.id, resource.spec, version="1", owned=True, refs=resource.refs)


def plan_everything(wish: Wish, actual: ActualState) -> Plan:
    plan = build(wish, actual, KINDS)
    assert sum(1 for _ in entries(plan)) == plan.count(Action.CREATE)
    return plan


def calls_to_plan(stacks: int, limit: int) -> int:
    """Calls of Python functions while every deployment gets a new generation.

    Comparing and hashing ids are among them: a scan within a loop shows on any machine, at once.
    """
    before = linked(*fleet(stacks, "11"))
    actual = ActualState("memory", {r.id: observed(r) for r in before.resources.values()})
    wish = Wish(COMMIT, SCOPE, fleet(stacks, "22"), KEEPING)
    calls = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event == "call"
        assert calls < limit, "planning is no longer linear"

    sys.setprofile(count)
    try:
        plan = plan_everything(wish, actual)
    finally:
        sys.setprofile(None)
    assert plan.count(Action.DELETE) == stacks
    return calls


def test_planning_4_000_resources_costs_ten_times_400() -> None:
    small = calls_to_plan(stacks=100, limit=1_000_000)
    calls_to_plan(stacks=1_000, limit=12 * small)
