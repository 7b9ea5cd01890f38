"""References are resolved at the last moment; a failure stops what depends on it, and no more."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from reconciler.apply import RefusedError, execute
from reconciler.model import Observed, Resolved, Resource, ResourceId, State, mapping, short
from reconciler.plan import Result
from reconciler.plan.narrow import narrowed
from reconciler.providers.memory import MemoryHandler
from reconciler.providers.port import DeniedError, Provider, ProviderError
from tests.fleets import (
    SCOPE,
    apply,
    become,
    draft,
    holding,
    live,
    plan_for,
    stack,
)
from tests.small_kinds import KINDS

IMAGE = ResourceId("Image", "vision")
FLEET = stack("vision")
AFTER = stack("vision", Model={"sha256": "22"})


@dataclass(slots=True)
class WatchedHandler(MemoryHandler):
    """Notes what its references had become when it was asked to write."""

    seen: list[tuple[ResourceId, Resolved]] = field(default_factory=list)

    def create(self, want: Resource, resolved: Resolved) -> Observed:
        self.seen.append((want.id, resolved))
        return MemoryHandler.create(self, want, resolved)


def test_a_document_is_rendered_with_what_this_run_built() -> None:
    cloud = holding(*FLEET)
    [image], [deployment] = live(cloud, "Image", "vision"), live(cloud, "Deployment", "vision")
    location = f"memory.azurecr.io/vision:{short(image.id.generation)}"
    modules = mapping(mapping(deployment.content["content"])["modules"])
    assert modules == {"app": {"image": location}}


def test_a_writer_gets_exactly_what_its_references_became() -> None:
    cloud = holding(*FLEET[:1])
    watched = WatchedHandler(KINDS["Image"], SCOPE)
    provider = Provider("watched", {**cloud.provider.handlers, "Image": watched})
    for _ in execute(plan_for(cloud, FLEET), provider):
        pass
    [model] = live(cloud, "Model", "vision")
    [(written, resolved)] = watched.seen
    assert written.lineage == IMAGE
    assert resolved == {model.id: model}


def test_a_failure_blocks_what_needs_it_and_the_old_generation_stays() -> None:
    cloud = holding(*FLEET)
    before = live(cloud, "Deployment", "vision")
    cloud.fail(IMAGE, ProviderError("no room", "make room"))
    outcomes = apply(cloud, (*AFTER, *stack("other")[2:3]))
    assert [(str(o.change.id), o.change.action.name, o.result) for o in outcomes] == [
        ("DeviceGroup/other", "CREATE", Result.APPLIED),
        ("Model/vision", "CREATE", Result.APPLIED),
        ("Image/vision", "CREATE", Result.FAILED),
        ("Deployment/vision", "CREATE", Result.BLOCKED),
        ("Deployment/vision", "DELETE", Result.BLOCKED),
    ]
    failed, blocked = outcomes[2], outcomes[3]
    assert (failed.detail, failed.remedy, failed.denied) == ("no room", "make room", False)
    assert blocked.detail == "waits for Image/vision, which is not there"
    assert live(cloud, "Deployment", "vision") == before


def test_the_next_run_goes_on_where_a_failure_stopped_this_one() -> None:
    cloud = holding(*FLEET)
    cloud.fail(IMAGE, ProviderError("no room"))
    apply(cloud, AFTER)
    assert [str(o.change.id) for o in apply(cloud, AFTER)] == [
        "Image/vision",
        "Deployment/vision",
        "Deployment/vision",
        "Deployment/vision",
    ]
    assert plan_for(cloud, AFTER).changes == ()


def test_a_build_that_failed_before_blocks_what_needs_it() -> None:
    cloud = holding(*FLEET)
    before = live(cloud, "Deployment", "vision")
    become(cloud, AFTER, "Image", State.FAILED)
    results = [(str(o.change.id), o.result) for o in apply(cloud, AFTER)]
    assert results == [
        ("Deployment/vision", Result.BLOCKED),
        ("Model/vision", Result.APPLIED),
        ("Deployment/vision", Result.BLOCKED),
    ]
    assert live(cloud, "Deployment", "vision") == before


def test_a_missing_right_is_told_apart() -> None:
    cloud = holding()
    cloud.fail(ResourceId("Model", "vision"), DeniedError("403"))
    [outcome] = apply(cloud, FLEET[:1])
    assert (outcome.result, outcome.denied) == (Result.FAILED, True)


def test_what_changed_since_the_plan_is_not_overwritten() -> None:
    cloud = holding(*FLEET)
    after = stack("vision", DeviceGroup={"devices": ("gw-9",)})
    plan = plan_for(cloud, after)
    cloud.touch(FLEET[2].id)
    [outcome] = execute(plan, cloud.provider)
    assert outcome.result is Result.FAILED
    assert outcome.detail == "DeviceGroup/vision changed after the plan was made"
    assert outcome.remedy == "plan again"
    assert [item.version for item in live(cloud, "DeviceGroup", "vision")] == ["touched"]


def test_a_plan_with_errors_is_refused_before_the_first_write() -> None:
    cloud = holding()
    pinned = draft("Model", "pinned", {"version": 3})
    cloud.handlers["Model"].absent.add(pinned.id)
    plan = plan_for(cloud, (*FLEET, pinned))
    assert plan.changes != ()
    with pytest.raises(RefusedError, match="has errors"):
        list(execute(plan, cloud.provider))
    assert cloud.writes == 0


def test_outcomes_come_as_they_happen() -> None:
    cloud = holding()
    outcomes = execute(plan_for(cloud, FLEET), cloud.provider)
    assert cloud.writes == 0
    next(outcomes)
    assert cloud.writes == 1


def test_an_outcome_carries_what_is_there_now() -> None:
    cloud = holding()
    model, *_ = [o for o in apply(cloud, FLEET) if o.change.id.kind == "Model"]
    assert [model.now] == list(live(cloud, "Model", "vision"))
    gone = apply(cloud, FLEET[:3])
    assert [(o.change.id.kind, o.now) for o in gone] == [("Deployment", None)]


def test_a_part_of_a_plan_is_carried_out_alone() -> None:
    cloud = holding(*FLEET)
    after = (*stack("vision", Deployment={"routes": {"up": "x"}}), *stack("other"))
    plan = narrowed(plan_for(cloud, after), ["Deployment/vision"], [])
    assert {o.result for o in execute(plan, cloud.provider)} == {Result.APPLIED}
    assert {c.id.name for c in plan_for(cloud, after).changes} == {"other"}


def test_an_update_keeps_the_generation_and_says_what_is_there_now() -> None:
    cloud = holding(*FLEET)
    after = stack("vision", Deployment={"priority": 20})
    [before] = live(cloud, "Deployment", "vision")
    [outcome] = apply(cloud, after)
    [now] = live(cloud, "Deployment", "vision")
    assert outcome.now == now
    assert now.id == before.id
    assert now.spec["priority"] == 20
