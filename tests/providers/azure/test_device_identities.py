"""Devices on the hub: registered once, changed leaf by leaf, never without their keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from reconciler.emulator.faults import Fault
from reconciler.model import Observed, Resource, ResourceId, Scope, Secret, mapping
from reconciler.providers.azure.marks import Scribe
from reconciler.providers.azure.surroundings import Allowed
from reconciler.providers.port import PartialError, ProviderError
from tests.providers.cloud import SCOPE, Cloud, only
from tests.providers.resources import device, devices, linked

PRINT, OTHER_PRINT = "A" * 40, "B" * 40


def identity(cloud: Cloud, name: str) -> dict[str, Any]:
    found = cloud.session.hub.device(name)
    assert found is not None
    return found


def tags(cloud: Cloud, name: str) -> dict[str, Any]:
    twin = cloud.session.hub.twin(name)
    assert twin is not None
    found: dict[str, Any] = twin.get("tags", {})
    return found


def mark(name: str) -> dict[str, Any]:
    return {SCOPE.owner: {"_device": f"{SCOPE.environment}/{name}"}}


def changed(cloud: Cloud, want: Resource) -> Observed:
    """Made what it is to be, as a run would."""
    return cloud.devices.update(only(cloud.devices.observe([want]), want), want, {})


def test_a_new_device_has_edge_keys_tags_and_our_mark(cloud: Cloud, name: str) -> None:
    cloud.devices.create(device(name, tags={"site": "a", "gone": None}), {})
    found = identity(cloud, name)
    assert found["capabilities"] == {"iotEdge": True}
    assert found["status"] == "enabled"
    assert found["authentication"]["type"] == "sas"
    assert tags(cloud, name) == {"site": "a", "reconciler": mark(name)}


def test_many_are_registered_by_the_hundred(cloud: Cloud, name: str) -> None:
    want = devices(name, *({"deviceId": f"{name}-{n}"} for n in range(230)))
    before = cloud.sent("hub", "write")
    made = cloud.devices.create(want, {})
    assert cloud.sent("hub", "write") == before + 3
    assert only(cloud.devices.observe([want]), want).spec == made.spec
    assert [(p.done, p.total) for p in cloud.said] == [
        (0, 230),
        (100, 230),
        (200, 230),
        (230, 230),
    ]


def test_a_device_made_by_hand_is_adopted_with_its_keys(cloud: Cloud, name: str) -> None:
    cloud.seed(name, tags={"site": "theirs", "line": "1"})
    before = identity(cloud, name)
    made = changed(cloud, device(name, tags={"line": 1}, status="disabled"))
    assert made.owned
    after = identity(cloud, name)
    assert after["authentication"] == before["authentication"]
    assert after["generationId"] == before["generationId"]
    assert after["deviceScope"] == before["deviceScope"]
    assert after["capabilities"] == {"iotEdge": True}
    assert after["status"] == "disabled"
    assert tags(cloud, name) == {"site": "theirs", "line": 1, "reconciler": mark(name)}


def test_a_device_that_came_after_the_plan_is_adopted_too(cloud: Cloud, name: str) -> None:
    cloud.seed(name, tags={"site": "theirs"})
    before = identity(cloud, name)
    cloud.devices.create(device(name, tags={"line": 1}), {})
    assert identity(cloud, name)["authentication"] == before["authentication"]
    assert tags(cloud, name) == {"site": "theirs", "line": 1, "reconciler": mark(name)}


def test_what_is_not_said_is_left_as_it_is(cloud: Cloud, name: str) -> None:
    first = device(name, status="disabled", authentication={"type": "x509CA"})
    cloud.devices.create(first, {})
    silent = device(name)
    now = only(cloud.devices.observe([silent]), silent)
    assert now.spec == silent.spec
    cloud.devices.update(now, device(name, tags={"line": 1}), {})
    assert identity(cloud, name)["status"] == "disabled"
    assert identity(cloud, name)["authentication"]["type"] == "certificateAuthority"


def test_only_leaves_that_differ_are_written(cloud: Cloud, name: str) -> None:
    want = device(name, tags={"a": {"b": 1, "c": 2}, "d": True})
    cloud.devices.create(want, {})
    before = cloud.sent("hub", "write")
    changed(cloud, want)
    assert cloud.sent("hub", "write") == before
    changed(cloud, device(name, tags={"a": {"b": 1, "c": None}, "d": True}))
    assert tags(cloud, name) == {"a": {"b": 1}, "d": True, "reconciler": mark(name)}


def test_a_certificate_is_changed_and_never_a_key(cloud: Cloud, name: str) -> None:
    prints = {"type": "x509Thumbprint", "primaryThumbprint": PRINT}
    cloud.devices.create(device(name, authentication=prints), {})
    want = device(name, authentication={**prints, "secondaryThumbprint": OTHER_PRINT.lower()})
    assert changed(cloud, want).spec == only(cloud.devices.observe([want]), want).spec
    told = identity(cloud, name)["authentication"]
    assert told["x509Thumbprint"] == {
        "primaryThumbprint": PRINT,
        "secondaryThumbprint": OTHER_PRINT,
    }


def test_a_parent_changes_in_place(cloud: Cloud, name: str) -> None:
    cloud.seed(f"{name}-old", f"{name}-new")
    below = device(name, parent={"id": f"{name}-old"})
    cloud.devices.create(below, {})
    key = identity(cloud, name)["authentication"]
    moved = device(name, parent={"id": f"{name}-new"})
    changed(cloud, moved)
    found = identity(cloud, name)
    assert found["parentScopes"] == [identity(cloud, f"{name}-new")["deviceScope"]]
    assert found["authentication"] == key
    alone = device(name, parent=None)
    changed(cloud, alone)
    assert identity(cloud, name)["parentScopes"] == []
    assert only(cloud.devices.observe([alone]), alone).spec == alone.spec


def test_parents_of_a_file_are_registered_first(cloud: Cloud, name: str) -> None:
    a, b, c = (f"{name}-{letter}" for letter in "abc")
    lines = [
        {"deviceId": a, "parent": b},
        {"deviceId": b, "parent": c},
        {"deviceId": c},
    ]
    cloud.devices.create(devices(name, *lines), {})
    assert identity(cloud, a)["parentScopes"] == [identity(cloud, b)["deviceScope"]]
    assert identity(cloud, b)["parentScopes"] == [identity(cloud, c)["deviceScope"]]


def test_what_the_hub_refuses_is_named_and_keeps_nobody_back(cloud: Cloud, name: str) -> None:
    cloud.client.control("POST", "seed", {"devices": [{"deviceId": f"{name}-leaf", "edge": False}]})
    names = [f"{name}-{n}" for n in range(120)]
    lines = [{"deviceId": device} for device in names]
    lines[7]["parent"] = f"{name}-nobody"
    want = devices(name, *lines, {"deviceId": f"{name}-leaf"})
    with pytest.raises(PartialError) as error:
        cloud.devices.create(want, {})
    assert "registering devices: 119 of 121 done" in str(error.value)
    assert f"{names[7]}: the parent {name}-nobody is not registered" in str(error.value)
    assert f"{name}-leaf is registered without IoT Edge" in str(error.value)
    there = mapping(only(cloud.devices.observe([want]), want).spec["devices"])
    assert {*names} - there.keys() == {names[7]}


def test_a_second_run_registers_only_what_is_missing(cloud: Cloud, name: str) -> None:
    want = devices(name, *({"deviceId": f"{name}-{n}"} for n in range(150)))
    cloud.fault(Fault("POST /devices\\?", status=403, skip=1))
    with pytest.raises(PartialError, match="100 of 150 done"):
        cloud.devices.create(want, {})
    have = only(cloud.devices.observe([want]), want)
    assert len(mapping(have.spec["devices"])) == 100
    before = cloud.sent("hub", "write")
    cloud.devices.update(have, want, {})
    assert cloud.sent("hub", "write") == before + 1
    assert only(cloud.devices.observe([want]), want).spec == want.spec


def test_a_lost_answer_to_a_registration_is_looked_up(cloud: Cloud, name: str) -> None:
    want = devices(name, {"deviceId": f"{name}-a"}, {"deviceId": f"{name}-b"})
    cloud.fault(Fault("POST /devices\\?", drop_after=True))
    made = cloud.devices.create(want, {})
    assert only(cloud.devices.observe([want]), want).spec == made.spec


@pytest.mark.parametrize("status", [412, 500])
def test_an_identity_that_moved_is_read_again(cloud: Cloud, name: str, status: int) -> None:
    cloud.devices.create(device(name), {})
    cloud.fault(Fault(f"PUT /devices/{name}", status=status))
    changed(cloud, device(name, status="disabled"))
    assert identity(cloud, name)["status"] == "disabled"


def test_the_time_budget_ends_it_between_devices(cloud: Cloud, name: str) -> None:
    given = cloud.session.surroundings
    late = replace(given.patience, deadline=cloud.clock.now().timestamp() - 1)
    cloud.session.surroundings = replace(given, patience=late)
    want = devices(name, {"deviceId": f"{name}-a"}, {"deviceId": f"{name}-b"})
    with pytest.raises(PartialError, match="0 of 2 done: the time budget is spent") as error:
        cloud.devices.create(want, {})
    assert error.value.remedy == "run again: it goes on from there"


def test_a_device_of_somebody_else_stops_the_plan_and_is_not_written(
    cloud: Cloud, name: str
) -> None:
    theirs = {"reconciler": {"contoso-plant-b": {"_device": "production/gw"}}}
    cloud.client.control("POST", "seed", {"devices": [{"deviceId": name, "tags": theirs}]})
    want = device(name, tags={"line": 1})
    reading = cloud.devices.observe([want])
    (said,) = [d for d in reading.diagnostics if d.subject == want.id]
    assert said.code == "device.unfit"
    assert 'managed elsewhere (owner "contoso-plant-b", production/gw)' in said.summary
    with pytest.raises(ProviderError, match="managed elsewhere"):
        cloud.devices.create(want, {})
    assert tags(cloud, name) == theirs


def test_parents_that_are_not_there_and_devices_of_two_documents_are_told(
    cloud: Cloud, name: str
) -> None:
    one = device(name, parent={"id": f"{name}-nobody"})
    two = device(f"{name}-2", id=name)
    said = {d.code: d.summary for d in cloud.devices.observe([one, two]).diagnostics}
    assert said == {
        "device.parent": f"the parent {name}-nobody is not registered",
        "device.twice": f"{name} is described by Device/{name} already",
    }


def test_what_left_git_is_seen_one_by_one_and_deleted_by_its_mark(cloud: Cloud, name: str) -> None:
    stays = devices(name, {"deviceId": f"{name}-a"})
    cloud.devices.create(devices(name, {"deviceId": f"{name}-a"}, {"deviceId": f"{name}-b"}), {})
    found = {item.id: item for item in cloud.devices.observe([stays]).items}
    extra = found[ResourceId("Device", f"{name}-b")]
    assert (extra.owned, extra.address) == (True, f"{name}-b")
    cloud.devices.delete(extra)
    assert cloud.session.hub.twin(f"{name}-b") is None
    cloud.devices.delete(extra)
    kept = found[ResourceId("Device", name)]
    assert kept.spec == stays.spec


def test_a_device_whose_mark_went_is_not_deleted(cloud: Cloud, name: str) -> None:
    made = cloud.devices.create(device(name), {})
    twin = cloud.session.hub.twin(name)
    assert twin is not None
    cloud.session.hub.patch_tags(name, {"reconciler": None}, twin["etag"])
    with pytest.raises(ProviderError, match="does not carry our mark any more"):
        cloud.devices.delete(made)


def test_without_any_document_nothing_is_asked_unless_devices_may_go(cloud: Cloud) -> None:
    before = cloud.session.tally.total()
    cloud.session.allowed = Allowed(prune=True)
    assert cloud.devices.observe([]).items == ()
    assert cloud.session.tally.total() == before
    cloud.session.allowed = Allowed(prune=True, delete_devices=True)
    cloud.devices.observe([])
    assert cloud.session.tally.total() > before


def test_every_key_that_is_read_is_learned(cloud: Cloud, name: str) -> None:
    learned: list[Secret] = []
    given = cloud.session.surroundings
    cloud.session.surroundings = replace(given, learn=learned.append)
    cloud.devices.create(device(name), {})
    changed(cloud, device(name, status="disabled"))
    held = identity(cloud, name)["authentication"]["symmetricKey"]
    assert {held["primaryKey"], held["secondaryKey"]} <= {key.reveal() for key in learned}


def test_a_parent_of_the_fleet_is_known_by_its_id(cloud: Cloud, name: str) -> None:
    top, below = device(f"{name}-doc", id=f"{name}-top"), device(name, parent=f"{name}-doc")
    found = linked(top, below)
    cloud.devices.create(found[top.id], {})
    want = found[below.id]
    cloud.devices.create(want, {})
    assert only(cloud.devices.observe([below]), want).spec == want.spec


@pytest.fixture
def haunted(cloud: Cloud) -> Iterator[Cloud]:
    """Queries go on to name devices that were deleted."""
    cloud.client.control("POST", "hub", {"ghost_seconds": 1500})
    yield cloud
    cloud.client.control("POST", "hub", {"ghost_seconds": 0})


def delete(cloud: Cloud, name: str) -> None:
    cloud.session.hub.delete_device(name, str(identity(cloud, name)["etag"]))


def test_a_device_that_only_a_query_still_knows_is_registered_again(
    haunted: Cloud, name: str
) -> None:
    haunted.devices.create(device(name), {})
    now = only(haunted.devices.observe([device(name)]), device(name))
    delete(haunted, name)
    want = device(name, tags={"line": 1})
    haunted.devices.update(now, want, {})
    assert tags(haunted, name)["line"] == 1


def test_a_device_that_is_gone_is_not_to_be_deleted_again(haunted: Cloud, name: str) -> None:
    haunted.session.allowed = Allowed(prune=True, delete_devices=True)
    haunted.session.scribe = Scribe(Scope(SCOPE.owner, name))  # where there is no other device
    made = haunted.devices.create(device(name, environment=name), {})
    seen = {item.address for item in haunted.devices.observe([]).items}
    assert name in seen
    haunted.devices.delete(made)
    assert name not in {item.address for item in haunted.devices.observe([]).items}


def test_one_parent_is_asked_for_its_scope_once(cloud: Cloud, name: str) -> None:
    cloud.seed(f"{name}-top")
    want = devices(
        name, *({"deviceId": f"{name}-{n}"} for n in range(50)), parent={"id": f"{name}-top"}
    )
    before = cloud.sent("hub", "read")
    cloud.devices.create(want, {})
    assert cloud.sent("hub", "read") == before + 1
