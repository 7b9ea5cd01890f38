"""A new generation wins over the older one beside it, and is settled when that is gone."""

from __future__ import annotations

from reconciler.apply import execute
from reconciler.diff import Action, Reason
from reconciler.model import ResourceId
from reconciler.plan import Outcome, Result
from reconciler.providers.memory import MemoryCloud
from reconciler.providers.port import ProviderError
from tests.fleets import apply, holding, lines, live, plan_for, settle, stack

FLEET = stack("vision")
AFTER = stack("vision", Deployment={"routes": {"up": "x"}})
DEPLOYMENT = ResourceId("Deployment", "vision")


def steps(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [f"{o.change.action.name} {o.change.reason.name} {o.result.name}" for o in outcomes]


def priorities(cloud: MemoryCloud) -> list[object]:
    return [item.spec["priority"] for item in live(cloud, "Deployment", "vision")]


def test_a_replacement_is_created_above_the_older_one_and_comes_down_at_the_end() -> None:
    cloud = holding(*FLEET)
    outcomes = apply(cloud, AFTER)
    assert steps(outcomes) == [
        "CREATE MISSING APPLIED",
        "DELETE SUPERSEDED APPLIED",
        "UPDATE SETTLED APPLIED",
    ]
    assert [outcome.now.spec["priority"] for outcome in outcomes if outcome.now] == [11, 10]
    assert priorities(cloud) == [10]
    assert plan_for(cloud, AFTER).changes == ()


def test_a_replacement_that_wins_anyway_is_not_raised() -> None:
    cloud = holding(*FLEET)
    higher = stack("vision", Deployment={"routes": {"up": "x"}, "priority": 20})
    assert steps(apply(cloud, higher)) == ["CREATE MISSING APPLIED", "DELETE SUPERSEDED APPLIED"]


def test_the_first_of_its_name_is_not_raised() -> None:
    [deployment] = [c for c in plan_for(holding(), FLEET).changes if c.id.kind == "Deployment"]
    assert deployment.settled is None


def test_a_replacement_stands_above_all_that_are_older() -> None:
    cloud = holding(*FLEET)
    [first] = live(cloud, "Deployment", "vision")
    settle(cloud, stack("vision", Deployment={"routes": {"up": "x"}, "priority": 30}))
    cloud.hold(first)
    plan = plan_for(cloud, stack("vision", Deployment={"modules": {}}))
    [new] = [change for change in plan.changes if change.action is Action.CREATE]
    assert new.after
    assert new.after.spec["priority"] == 31
    assert new.settled
    assert new.settled.spec["priority"] == 10


def test_while_the_older_one_cannot_go_the_new_one_stays_above_it() -> None:
    cloud = holding(*FLEET)
    [old] = live(cloud, "Deployment", "vision")
    cloud.handlers["Deployment"].failures[old.id] = [ProviderError("throttled")]
    assert steps(apply(cloud, AFTER)) == ["CREATE MISSING APPLIED", "DELETE SUPERSEDED FAILED"]
    assert sorted(map(str, priorities(cloud))) == ["10", "11"]


def test_a_run_that_ended_between_the_two_is_finished_by_the_next() -> None:
    cloud = holding(*FLEET)
    [old] = live(cloud, "Deployment", "vision")
    cloud.handlers["Deployment"].failures[old.id] = [ProviderError("throttled")]
    apply(cloud, AFTER)
    plan = plan_for(cloud, AFTER)
    assert lines(plan.changes) == [
        "DELETE Deployment/vision SUPERSEDED",
        "UPDATE Deployment/vision CHANGED priority",
    ]
    settle(cloud, AFTER)
    assert priorities(cloud) == [10]


def test_a_new_one_that_failed_is_not_settled() -> None:
    cloud = holding(*FLEET)
    cloud.fail(DEPLOYMENT, ProviderError("no room"))
    assert steps(apply(cloud, AFTER)) == ["CREATE MISSING FAILED", "DELETE SUPERSEDED BLOCKED"]


def test_settling_may_fail_and_is_done_by_the_next_run() -> None:
    cloud = holding(*FLEET)
    plan, outcomes = plan_for(cloud, AFTER), []
    for outcome in execute(plan, cloud.provider):
        outcomes.append(outcome)
        if outcome.change.action is Action.CREATE:
            failures = cloud.handlers["Deployment"].failures
            failures[outcome.change.id] = [ProviderError("throttled")]
    assert outcomes[-1].change.reason is Reason.SETTLED
    assert outcomes[-1].result is Result.FAILED
    assert lines(plan_for(cloud, AFTER).changes) == ["UPDATE Deployment/vision CHANGED priority"]
    settle(cloud, AFTER)
    assert priorities(cloud) == [10]
