"""Devices come before the groups that list them, and groups before deployments."""

from __future__ import annotations

from reconciler.model import ActualState, Commit, Resource, ResourceId, Scope, Spec
from reconciler.plan import Wish, build
from reconciler.plan.graph import following
from reconciler.registry import KINDS

SCOPE = Scope("contoso", "test")


def drafted(kind: str, name: str, spec: Spec) -> Resource:
    asked: Spec = {"owner": "contoso", "environment": "test", "name": name}
    normal = KINDS[kind].normalize({**asked, **spec} if kind != "Deployment" else spec, {})
    return Resource(ResourceId(kind, name), normal, KINDS[kind].refs(normal))


DEVICE = drafted("Device", "gw-1", {"tags": {"line": 1}})
LISTING = drafted("DeviceGroup", "listing", {"devices": ("gw-1",)})
BY_TAG = drafted("DeviceGroup", "by-tag", {"matchTags": {"line": 1}})


def layer(name: str, group: str) -> Resource:
    return drafted("Deployment", name, {"type": "layer", "group": group, "priority": 5})


def test_a_device_is_there_before_its_group_and_that_before_the_deployment() -> None:
    drafts = (DEVICE, LISTING, BY_TAG, layer("one", "listing"), layer("two", "by-tag"))
    plan = build(Wish(Commit(), SCOPE, drafts), ActualState("memory", {}), KINDS)
    order = [[str(change.id) for change in wave] for wave in plan.waves]
    assert order == [
        ["Device/gw-1"],
        ["Deployment/two", "DeviceGroup/listing"],
        ["Deployment/one"],
    ]


def test_nothing_follows_what_does_not_change() -> None:
    assert following((), KINDS) == {}
