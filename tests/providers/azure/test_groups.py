"""Groups that list their devices: leaves of tags, and only ours."""

from __future__ import annotations

from typing import Any

from reconciler.emulator.faults import Fault
from reconciler.model import ResourceId, Spec
from reconciler.model.resource import Resource
from tests.providers.cloud import SCOPE, Cloud, only
from tests.providers.resources import group


def tags(cloud: Cloud, device: str) -> dict[str, Any]:
    twin = cloud.session.hub.twin(device)
    assert twin is not None
    found: dict[str, Any] = twin.get("tags", {})
    return found


def listing(name: str, *letters: str) -> Resource:
    return group(name, devices=tuple(f"{name}-{letter}" for letter in letters))


def writes(cloud: Cloud) -> int:
    return cloud.sent("hub", "write")


def test_a_member_gets_one_leaf_and_keeps_its_other_tags(cloud: Cloud, name: str) -> None:
    cloud.seed(f"{name}-a", tags={"site": "weu"})
    cloud.groups.create(listing(name, "a"), {})
    assert tags(cloud, f"{name}-a") == {
        "site": "weu",
        "reconciler": {SCOPE.owner: {name: True}},
    }


def test_only_devices_that_differ_are_written(cloud: Cloud, name: str) -> None:
    cloud.seed(*(f"{name}-{letter}" for letter in "abc"))
    before = cloud.groups.create(listing(name, "a", "b"), {})
    start = writes(cloud)
    cloud.groups.update(before, listing(name, "b", "c"), {})
    assert writes(cloud) == start + 2
    marks = [tags(cloud, f"{name}-{letter}").get("reconciler") for letter in "abc"]
    ours = {SCOPE.owner: {name: True}}
    assert marks[1:] == [ours, ours]
    assert marks[0] in (None, {}, {SCOPE.owner: {}})


def test_a_device_that_is_not_registered_is_pending_and_no_difference(
    cloud: Cloud, name: str
) -> None:
    cloud.seed(f"{name}-a")
    want = listing(name, "a", "later")
    cloud.groups.create(want, {})
    reading = cloud.groups.observe([want])
    assert only(reading, want).spec["devices"] == want.spec["devices"]
    assert [(d.code, d.subject) for d in reading.diagnostics] == [("device.unregistered", want.id)]
    assert f"{name}-later" in reading.diagnostics[0].summary


def test_a_pending_device_joins_once_it_is_there(cloud: Cloud, name: str) -> None:
    cloud.seed(f"{name}-a")
    want = listing(name, "a", "later")
    cloud.groups.create(want, {})
    cloud.seed(f"{name}-later")
    now = only(cloud.groups.observe([want]), want)
    assert now.spec["devices"] == (f"{name}-a",)
    cloud.groups.update(now, want, {})
    assert only(cloud.groups.observe([want]), want).spec["devices"] == want.spec["devices"]


def test_a_group_without_any_registered_device_is_no_work(cloud: Cloud, name: str) -> None:
    want = listing(name, "later")
    assert only(cloud.groups.observe([want]), want).spec["devices"] == (f"{name}-later",)


def test_a_group_that_left_git_is_still_seen(cloud: Cloud, name: str) -> None:
    cloud.seed(f"{name}-a")
    gone = cloud.groups.create(listing(name, "a"), {})
    other = listing(f"{name}-other")
    found = {item.id: item for item in cloud.groups.observe([other]).items}
    assert found[gone.id].owned
    assert found[gone.id].spec == gone.spec


def test_a_deleted_group_takes_only_its_own_leaf(cloud: Cloud, name: str) -> None:
    cloud.seed(f"{name}-a")
    stays = group(f"{name}-stays", devices=(f"{name}-a",))
    goes = cloud.groups.create(listing(name, "a"), {})
    cloud.groups.create(stays, {})
    cloud.groups.delete(goes)
    assert tags(cloud, f"{name}-a")["reconciler"] == {SCOPE.owner: {f"{name}-stays": True}}


def test_groups_by_condition_cost_nothing(cloud: Cloud, name: str) -> None:
    before = cloud.session.tally.total()
    want = group(name, targetCondition="tags.line = '1'")
    expected: Spec = want.spec
    assert only(cloud.groups.observe([want]), want).spec == expected
    assert cloud.session.tally.total() == before


def test_listed_groups_cost_one_query_together(cloud: Cloud, name: str) -> None:
    before = cloud.session.tally.total()
    cloud.groups.observe([listing(name, "a"), listing(f"{name}-2", "b")])
    assert cloud.session.tally.total() == before + 1


def test_a_lost_answer_to_a_tag_is_looked_up(cloud: Cloud, name: str) -> None:
    cloud.seed(f"{name}-a")
    cloud.fault(Fault(f"PATCH /twins/{name}-a", drop_after=True))
    cloud.groups.create(listing(name, "a"), {})
    assert tags(cloud, f"{name}-a")["reconciler"] == {SCOPE.owner: {name: True}}


def test_a_twin_that_somebody_else_wrote_meanwhile_is_read_again(cloud: Cloud, name: str) -> None:
    cloud.seed(f"{name}-a")
    cloud.fault(Fault(f"PATCH /twins/{name}-a", status=412))
    cloud.groups.create(listing(name, "a"), {})
    assert tags(cloud, f"{name}-a")["reconciler"] == {SCOPE.owner: {name: True}}


def test_the_holder_of_a_lease_is_no_device(cloud: Cloud, name: str) -> None:
    cloud.seed("reconciler-lease-test", tags={})
    want = group(name, devices=("reconciler-lease-test",))
    reading = cloud.groups.observe([want])
    assert [d.subject for d in reading.diagnostics] == [ResourceId("DeviceGroup", name)]
