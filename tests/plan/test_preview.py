"""What will be written, as far as it is known before anything is built."""

from __future__ import annotations

from reconciler.diff import Action, Change
from reconciler.model import MASK, Spec, mapping, short
from reconciler.plan import UNKNOWN, Plan
from tests.fleets import guarded, holding, live, plan_for, stack


def created(plan: Plan, kind: str) -> Change:
    [found] = [c for c in plan.changes if c.id.kind == kind and c.action is Action.CREATE]
    return found


def app(change: Change) -> Spec:
    return mapping(mapping(mapping(change.content["content"])["modules"])["app"])


def test_the_location_of_what_is_not_built_yet_is_unknown() -> None:
    deployment = created(plan_for(holding(), stack("vision")), "Deployment")
    assert app(deployment) == {"image": UNKNOWN}
    assert deployment.content["targetCondition"] == "tags.line = 'vision'"


def test_the_location_of_what_is_there_is_known() -> None:
    cloud = holding(*stack("vision"))
    [image] = live(cloud, "Image", "vision")
    plan = plan_for(
        cloud,
        stack(
            "vision", Deployment={"modules": {"app": {"image": "vision"}, "x": {"image": "x:1"}}}
        ),
    )
    location = f"memory.azurecr.io/vision:{short(image.id.generation)}"
    assert app(created(plan, "Deployment")) == {"image": location}


def test_the_location_of_what_is_updated_in_place_is_known() -> None:
    cloud = holding(*stack("vision"))
    tagged: Spec = {"tags": {"team": "edge"}}
    plan = plan_for(cloud, stack("vision", Image=tagged, Deployment={"routes": {"up": "x"}}))
    assert app(created(plan, "Deployment"))["image"] != UNKNOWN


def test_a_password_is_a_mask() -> None:
    plan = plan_for(holding(), guarded("vision"))
    content = mapping(created(plan, "Deployment").content["content"])
    assert content["registries"] == {
        "registry": {"address": "plant.azurecr.io", "username": "puller", "password": MASK}
    }


def test_what_is_written_is_what_was_shown() -> None:
    cloud = holding(*stack("vision"))
    after = stack("vision", Deployment={"routes": {"up": "x"}})
    shown = created(plan_for(cloud, after), "Deployment").content
    [before] = live(cloud, "Deployment", "vision")
    fresh = holding(*after)
    [now] = live(fresh, "Deployment", "vision")
    assert now.content == shown != before.content
