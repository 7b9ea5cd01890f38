"""A workspace makes its registry with its first image: until then nobody can sign in there."""

from __future__ import annotations

from reconciler.apply import execute
from reconciler.diff import Reason
from reconciler.model import ResourceId, State
from reconciler.plan import UNKNOWN, Plan, Result
from reconciler.plan.narrow import narrowed
from reconciler.providers.memory import MemoryCloud
from reconciler.providers.port import ProviderError
from reconciler.report import json, text
from tests.fleets import (
    REGISTRY,
    SCOPE,
    apply,
    draft,
    guarded,
    know,
    lines,
    live,
    plan_for,
    settle,
)
from tests.small_kinds import KINDS

FLEET = guarded("vision")
BASE = draft(
    "Deployment",
    "base",
    {
        "targetCondition": "vision",
        "priority": 1,
        "modules": {"app": {"image": "mcr.example/sensor:1"}},
        "registryCredentials": ("registry",),
    },
)
"""It refers to nothing that is built, and yet cannot be written before something is."""


def fresh() -> MemoryCloud:
    """A workspace without a registry."""
    cloud = MemoryCloud.of(KINDS, SCOPE)
    know(cloud, "first")
    cloud.handlers[REGISTRY.kind].comes_with = cloud.handlers["Image"]
    return cloud


def awaited(plan: Plan) -> list[str]:
    return [str(change.id) for change in plan.unchanged if change.reason is Reason.AWAITED]


def test_a_login_that_comes_with_an_image_does_not_stop_a_plan() -> None:
    plan = plan_for(fresh(), FLEET)
    assert plan.applicable
    assert awaited(plan) == ["RegistryCredential/registry"]
    assert [d.code for d in plan.diagnostics] == ["secret.pending"]


def test_what_is_not_known_yet_is_shown_as_such() -> None:
    plan = plan_for(fresh(), FLEET)
    [deployment] = [c for c in plan.changes if c.id.kind == "Deployment"]
    assert ("registryCredentials", "0") in deployment.unknown
    registries = json.document(plan)
    assert UNKNOWN in json.render(registries)
    assert "its secret is not there yet: nothing has brought it yet" in text.render(plan, "d")


def test_one_apply_does_all_and_leaves_nothing_to_do() -> None:
    cloud = fresh()
    settle(cloud, FLEET)
    [deployment] = live(cloud, "Deployment", "vision")
    held = deployment.secrets[REGISTRY.name]
    assert (held.counter, held.secret.reveal()) == (1, "first")
    after = plan_for(cloud, FLEET)
    assert (after.changes, after.diagnostics) == ((), ())


def test_what_needs_the_login_comes_after_every_image() -> None:
    cloud = fresh()
    plan = plan_for(cloud, (*FLEET, BASE))
    assert lines(plan.waves[2]) == [
        "CREATE Deployment/base MISSING",
        "CREATE Deployment/vision MISSING",
    ]
    assert {o.result for o in execute(plan, cloud.provider)} == {Result.APPLIED}
    assert plan_for(cloud, (*FLEET, BASE)).changes == ()


def test_without_an_image_what_needs_the_login_fails_and_says_why() -> None:
    cloud = fresh()
    part = narrowed(plan_for(cloud, (*FLEET, BASE)), ["Deployment/base"], [])
    *_, outcome = execute(part, cloud.provider)
    assert outcome.result is Result.FAILED
    assert "still not there: nothing has brought it yet" in outcome.detail
    assert "run again" in outcome.remedy
    assert live(cloud, "Deployment", "base") == ()


def test_when_the_image_fails_only_what_needs_it_is_left() -> None:
    cloud = fresh()
    cloud.fail(ResourceId("Image", "vision"), ProviderError("no space left"))
    results = {str(o.change.id): o.result for o in apply(cloud, (*FLEET, BASE))}
    assert results["Image/vision"] is Result.FAILED
    assert results["Deployment/vision"] is Result.BLOCKED
    assert results["Deployment/base"] is Result.FAILED
    settle(cloud, (*FLEET, BASE))
    assert plan_for(cloud, (*FLEET, BASE)).changes == ()


def test_a_change_in_place_does_not_wait_for_a_login() -> None:
    cloud = fresh()
    settle(cloud, FLEET)
    cloud.handlers[REGISTRY.kind].comes_with = MemoryCloud.of(KINDS, SCOPE).handlers["Image"]
    settle(cloud, guarded("vision", Deployment={"priority": 20}))
    [deployment] = live(cloud, "Deployment", "vision")
    assert (deployment.spec["priority"], deployment.state) == (20, State.READY)
