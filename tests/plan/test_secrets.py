"""How often a secret was rotated is counted; nothing of the secret is written anywhere."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model import ResourceId, Secret
from reconciler.plan import Plan, Result
from reconciler.providers.memory import MemoryCloud
from reconciler.providers.port import ProviderError
from reconciler.report import json, text
from tests.fleets import (
    REGISTRY,
    apply,
    guarded,
    holding,
    know,
    lines,
    live,
    plan_for,
    settle,
)

FLEET = guarded("vision")
TWO = (*guarded("vision"), *guarded("audio")[:-1])


def held(cloud: MemoryCloud, name: str = "vision") -> list[tuple[int, str]]:
    """The counter and the secret in each generation of the deployment."""
    items = live(cloud, "Deployment", name)
    return [(h.counter, h.secret.reveal()) for item in items for h in item.secrets.values()]


def codes(plan: Plan) -> list[str]:
    return [diagnostic.code for diagnostic in plan.diagnostics]


def test_the_first_secret_is_number_one() -> None:
    assert held(holding(*FLEET)) == [(1, "first")]


def test_the_same_secret_leaves_nothing_to_do() -> None:
    plan = plan_for(holding(*FLEET), FLEET)
    assert (plan.changes, plan.diagnostics) == ((), ())


def test_a_rotated_secret_replaces_what_holds_it_and_nothing_else() -> None:
    cloud = holding(*FLEET)
    know(cloud, "second")
    assert lines(plan_for(cloud, FLEET).changes) == [
        "CREATE Deployment/vision MISSING",
        "DELETE Deployment/vision SUPERSEDED",
    ]
    settle(cloud, FLEET)
    assert held(cloud) == [(2, "second")]
    assert plan_for(cloud, FLEET).changes == ()


def test_a_secret_that_was_there_before_is_a_rotation_too() -> None:
    cloud = holding(*FLEET)
    [first] = live(cloud, "Deployment", "vision")
    for secret in ("second", "first"):
        know(cloud, secret)
        settle(cloud, FLEET)
    assert held(cloud) == [(3, "first")]
    assert [item.id for item in live(cloud, "Deployment", "vision")] != [first.id]


def test_while_a_secret_is_unavailable_the_live_counter_stands() -> None:
    cloud = holding(*FLEET)
    know(cloud, "second")
    settle(cloud, FLEET)
    know(cloud, "")
    plan = plan_for(cloud, FLEET)
    assert plan.changes == ()
    assert codes(plan) == ["secret.unavailable"]
    assert plan.applicable


def test_what_needs_an_unavailable_secret_is_planned_and_refused_by_the_writer() -> None:
    cloud = holding(*FLEET)
    know(cloud, "")
    after = guarded("vision", Model={"sha256": "22"})
    assert codes(plan_for(cloud, after)) == ["secret.unavailable"]
    outcomes = {str(o.change.id): o for o in apply(cloud, after)}
    assert outcomes["Image/vision"].result is Result.APPLIED
    assert outcomes["Deployment/vision"].result is Result.BLOCKED
    assert held(cloud) == [(1, "first")]
    know(cloud, "first")
    settle(cloud, after)
    assert held(cloud) == [(1, "first")]


def test_a_change_in_place_needs_no_secret() -> None:
    cloud = holding(*FLEET)
    know(cloud, "")
    after = guarded("vision", Deployment={"priority": 20})
    settle(cloud, after)
    know(cloud, "first")
    assert plan_for(cloud, after).changes == ()


def test_a_fleet_that_was_rotated_in_part_is_healed() -> None:
    cloud = holding(*TWO)
    know(cloud, "second")
    cloud.fail(ResourceId("Deployment", "vision"), ProviderError("throttled"))
    assert Result.FAILED in {outcome.result for outcome in apply(cloud, TWO)}
    assert (held(cloud, "audio"), held(cloud)) == ([(2, "second")], [(1, "first")])
    assert {c.id.name for c in plan_for(cloud, TWO).changes} == {"vision"}
    settle(cloud, TWO)
    assert (held(cloud, "audio"), held(cloud)) == ([(2, "second")], [(2, "second")])


def test_a_fleet_that_was_rotated_in_part_can_go_back() -> None:
    cloud = holding(*TWO)
    know(cloud, "second")
    cloud.fail(ResourceId("Deployment", "vision"), ProviderError("throttled"))
    apply(cloud, TWO)
    know(cloud, "first")
    settle(cloud, TWO)
    assert (held(cloud, "audio"), held(cloud)) == ([(3, "first")], [(3, "first")])
    assert plan_for(cloud, TWO).changes == ()


def test_what_others_hold_does_not_count() -> None:
    cloud = holding(*FLEET)
    [ours] = live(cloud, "Deployment", "vision")
    secrets = {REGISTRY.name: replace(ours.secrets[REGISTRY.name], counter=7)}
    cloud.hold(replace(ours, id=ResourceId("Deployment", "x", "y"), owned=False, secrets=secrets))
    assert plan_for(cloud, FLEET).changes == ()


def test_a_secret_is_in_no_report() -> None:
    cloud = holding(*FLEET)
    know(cloud, "hunter2")
    plan = plan_for(cloud, guarded("vision", Deployment={"routes": {"up": "x"}}))
    document = json.document(plan)
    shown = text.render(plan, "sha256:0") + json.render(document) + repr(plan)
    assert "(sensitive value)" in shown
    assert "hunter2" not in shown
    assert "first" not in shown.replace("create first", "")


def test_what_is_compared_is_the_secret_itself() -> None:
    cloud = holding(*FLEET)
    cloud.handlers[REGISTRY.kind].secrets = {REGISTRY.name: Secret("first")}
    assert plan_for(cloud, FLEET).changes == ()
