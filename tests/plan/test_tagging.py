"""Devices that a plan registers, and those whose tags it writes."""

from __future__ import annotations

from reconciler.diff import Action, Change, Reason
from reconciler.edge.twin import Twin
from reconciler.model import Observed, Resource, ResourceId, Spec, Value
from reconciler.plan.deployed import Course, course
from reconciler.plan.impact import Impact, Reach, assess
from tests.edge.manifests import base, module
from tests.plan.test_impact import BASE, FLEET, GROUP, LAYER, LEAF, ONE, deployed, over

DEVICE = ResourceId("Device", "cameras")
UNDER = deployed(BASE, base(), "tags.line != 9")
MORE = deployed(LAYER, over(b=module(ONE)), "tags.line = 1", 1)
STANDING = (UNDER, MORE)


def written(
    devices: dict[str, Value], before: dict[str, Value] | None = None, *more: Change
) -> Impact:
    """What comes of a document of these devices, of which some were there."""
    have = Observed(DEVICE, {"devices": before}, owned=True) if before is not None else None
    action = Action.CREATE if have is None else Action.UPDATE
    change = Change(DEVICE, action, Reason.CHANGED, have, Resource(DEVICE, {"devices": devices}))
    way = course([], [change, *more])
    return assess(Course(STANDING, STANDING, way.moves, tagging=way.tagging), FLEET)


def line(number: Value) -> Spec:
    return {"tags": {"line": number}}


def test_a_new_device_gets_the_deployments_that_match_its_tags() -> None:
    found = written({"cam-1": line(1), "cam-2": line(0), "cam-3": line(9)})
    assert (found.of, found.gains, found.loses) == (13, 2, 0)
    assert found.reach[DEVICE] == Reach(3)
    assert found.reach[LAYER].gains == 1
    assert found.reach[BASE].gains == 2


def test_a_device_with_another_tag_gains_and_loses() -> None:
    found = written({"gw-0": line(1), "gw-1": line(0)}, {"gw-0": line(0), "gw-1": line(1)})
    assert (found.of, found.gains, found.loses) == (10, 1, 1)
    assert (found.reach[LAYER].gains, found.reach[LAYER].loses) == (1, 1)


def test_a_tag_that_goes_is_gone_and_the_others_stay() -> None:
    gone: Spec = {"tags": {"line": None}}
    found = written({"gw-1": gone}, {"gw-1": line(1)})
    assert (found.gains, found.loses) == (0, 1)


def test_a_device_whose_tags_stay_is_not_looked_at() -> None:
    alike: dict[str, Value] = {"gw-1": {**line(1), "status": "disabled"}}
    before: dict[str, Value] = {"gw-1": {**line(1), "status": "enabled"}}
    change = Change(
        DEVICE,
        Action.UPDATE,
        Reason.CHANGED,
        Observed(DEVICE, {"devices": before}),
        Resource(DEVICE, {"devices": alike}),
    )
    assert not course([], [change]).leads_on


def test_a_device_that_a_query_saw_late_is_counted_once() -> None:
    found = written({"gw-1": line(1)})
    assert (found.of, found.gains) == (10, 0)


def test_a_new_device_joins_the_group_that_lists_it() -> None:
    member: Spec = {"targetCondition": LEAF, "devices": ("cam-1",)}
    group = Change(GROUP, Action.CREATE, Reason.MISSING, None, Resource(GROUP, member))
    found = written({"cam-1": line(0)}, None, group)
    assert found.reach[GROUP] == Reach(1)


def test_nested_tags_are_merged() -> None:
    change = Change(
        DEVICE,
        Action.CREATE,
        Reason.MISSING,
        None,
        Resource(DEVICE, {"devices": {"gw-1": {"tags": {"a": {"b": 1}}}}}),
    )
    twin = Twin("gw-1", tags={"a": {"c": 2}, "d": 3})
    assert course([], [change]).followed_by(twin).tags == {"a": {"b": 1, "c": 2}, "d": 3}
