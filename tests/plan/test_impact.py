from __future__ import annotations

from dataclasses import replace

from reconciler.diff import Action, Change, Reason
from reconciler.edge import plain
from reconciler.edge.condition import Field
from reconciler.edge.condition_text import parse
from reconciler.edge.effects import Effects
from reconciler.edge.layering import Layered
from reconciler.edge.twin import Twin
from reconciler.model import (
    MASK,
    HeldSecret,
    Observed,
    Resource,
    ResourceId,
    Secret,
    Spec,
    mapping,
)
from reconciler.plan.deployed import Course, Deployed, course
from reconciler.plan.impact import Reach, assess, looked_at
from tests.edge.manifests import base, module

ONE, TWO = "one.azurecr.io/m:1", "two.azurecr.io/m:2"
BASE, LAYER = ResourceId("Deployment", "base"), ResourceId("Deployment", "layer")
GROUP = ResourceId("DeviceGroup", "line-1")
PLANT = ResourceId("RegistryCredential", "plant", "v1:33")
LEAF = "tags.reconciler.plant.[[line-1]] = true"
FLEET = tuple(Twin(f"gw-{at}", tags={"line": at % 2, "ring": at}) for at in range(10))


def over(**modules: object) -> Spec:
    keys = {f"properties.desired.modules.{name}": told for name, told in modules.items()}
    return mapping(plain({"$edgeAgent": keys}))


def deployed(id_: ResourceId, content: Spec, condition: str, priority: int = 0) -> Deployed:
    return Deployed(Layered(id_.name, priority, 0, content), parse(condition), id_)


def live(name: str, content: Spec, condition: str, priority: int = 0) -> Change:
    spec: Spec = {"targetCondition": condition, "priority": priority}
    there: Spec = {**spec, "content": {"modulesContent": content}}
    own = ResourceId("Deployment", name, "v1:11")
    have = Observed(own, spec, address=f"{name}-11", content=there, owned=True)
    return Change(own, Action.NOOP, Reason.SAME, have, Resource(own, spec))


def test_a_layer_that_comes_reaches_the_devices_of_its_condition() -> None:
    under = deployed(BASE, base(a=module(ONE)), "*")
    way = Course((under,), (under, deployed(LAYER, over(b=module(TWO)), "tags.line = 1", 1)))
    found = assess(way, FLEET)
    assert (found.devices, found.of) == (5, 10)
    assert found.reach == {BASE: Reach(10), LAYER: Reach(5, appears=("b",), gains=5, pulls=(TWO,))}
    assert (found.gains, found.loses) == (5, 0)
    [change] = found.changes
    assert change.effects == Effects(
        appears=("b",), untouched=("a", "edgeAgent", "edgeHub"), pulls=(TWO,)
    )


def test_a_layer_over_a_module_restarts_it_and_one_that_goes_takes_it_along() -> None:
    under = deployed(BASE, base(a=module(ONE)), "*")
    more = deployed(LAYER, over(a=module(TWO), b=module(ONE)), "tags.ring < 3", 1)
    comes = assess(Course((under,), (under, more)), FLEET)
    assert comes.reach[LAYER] == Reach(3, restarts=("a",), appears=("b",), gains=3, pulls=(TWO,))
    goes = assess(Course((under, more), (under,)), FLEET)
    assert goes.reach[LAYER] == Reach(3, restarts=("a",), vanishes=("b",), loses=3)
    assert (goes.gains, goes.loses) == (0, 3)


def test_what_no_device_notices_changes_no_device() -> None:
    under = deployed(BASE, base(a=module(ONE)), "*", 5)
    below = deployed(LAYER, base(b=module(ONE)), "*", 1)
    found = assess(Course((under,), (under, below)), FLEET)
    assert found.devices == 0
    assert found.reach[LAYER] == Reach(10)


def test_devices_that_lose_their_base_go_on_unmanaged() -> None:
    under = deployed(BASE, base(a=module(ONE)), "tags.line = 1")
    found = assess(Course((under,), ()), FLEET)
    assert (found.without_base, found.devices) == (5, 5)
    assert found.changes[0].effects.vanishes == ()


def test_devices_are_judged_with_the_tags_that_the_plan_gives_them() -> None:
    under = deployed(BASE, base(), "*")
    more = deployed(LAYER, over(b=module(ONE)), LEAF, 1)
    member: Spec = {"targetCondition": LEAF, "devices": ("gw-1", "gw-2", "gw-99")}
    group = Change(GROUP, Action.CREATE, Reason.MISSING, None, Resource(GROUP, member))
    moves = course([], [group]).moves
    found = assess(Course((under, more), (under, more), moves), FLEET)
    assert found.reach[GROUP] == Reach(2)
    assert (found.devices, found.of) == (2, 10)


def test_devices_that_are_offline_hear_of_it_later() -> None:
    under = deployed(BASE, base(), "*")
    more = deployed(LAYER, over(b=module(ONE)), "tags.line = 1 OR tags.ring = 0", 1)
    fleet = [twin._replace(connected=twin.device not in {"gw-0", "gw-1", "gw-2"}) for twin in FLEET]
    found = assess(Course((under,), (under, more)), fleet)
    assert (found.devices, found.offline, found.connected) == (6, 2, 7)
    assert (found.reach[BASE].offline, found.reach[LAYER].offline) == (3, 2)


def test_a_course_goes_from_what_is_live_to_what_the_changes_leave() -> None:
    under, more = live("base", base(), "*"), live("layer", over(b=module(ONE)), "tags.a = 1", 1)
    gone = Change(more.id, Action.DELETE, Reason.REMOVED, more.before, None)
    way = course([under, gone], [gone])
    assert [each.layered.id for each in way.before] == ["base-11", "layer-11"]
    assert [each.layered.id for each in way.after] == ["base-11"]
    assert looked_at(way) == (Field(("tags", "a")),)


def test_what_changes_nothing_for_devices_needs_no_look_at_them() -> None:
    assert not course([live("base", base(), "*")], []).leads_on


def with_password(counter: int) -> Course:
    """A base gives way to one that is alike; its password was rotated so often."""
    login = {"plant": {"address": "h", "username": "u", "password": MASK}}
    agent = mapping(mapping(base()["$edgeAgent"])["properties.desired"])
    runtime = {"type": "docker", "settings": {"registryCredentials": login}}
    told = {"$edgeAgent": {"properties.desired": {**agent, "runtime": runtime}}}
    old = live("base", mapping(plain({**base(), **told})), "*")
    held = {"plant": HeldSecret(1, Secret("a"))}
    have = replace(old.before, secrets=held) if old.before else None
    gone = Change(old.id, Action.DELETE, Reason.SUPERSEDED, have, None)
    want = Resource(
        ResourceId("Deployment", "base", "v1:22"),
        have.spec if have else {},
        {("registryCredentials", "plant"): PLANT},
    )
    content = have.content if have else {}
    comes = Change(want.id, Action.CREATE, Reason.MISSING, None, want, content=content)
    known = Change(PLANT, Action.NOOP, Reason.SAME, None, Resource(PLANT, {"counter": counter}))
    return course([gone, comes, known], [gone, comes])


def test_a_password_that_was_rotated_is_another_manifest() -> None:
    [change] = assess(with_password(2), FLEET).changes
    assert (change.devices, change.effects.restarts) == (10, ())
    [field] = change.fields
    assert (field.path[-1], field.before != field.after) == ("password", True)
    assert assess(with_password(1), FLEET).changes == ()


def test_a_condition_that_cannot_be_read_leaves_a_doubt() -> None:
    strange = live("strange", base(), "capabilities.x = 1")
    found = assess(course([strange], []), FLEET)
    assert len(found.doubts) == 1
    assert "strange-11" in found.doubts[0]
