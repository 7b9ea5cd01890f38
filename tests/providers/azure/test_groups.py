"""Groups that list their devices: leaves of tags, and only ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.emulator import hub
from reconciler.emulator.faults import Fault
from reconciler.kinds.device_group.azure import DeviceGroupHandler
from reconciler.model import ResourceId, Spec, sequence
from reconciler.model.resource import Resource
from reconciler.providers.azure.paced import AT_ONCE
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.port import DeniedError, PartialError
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


def numbered(name: str, count: int) -> Resource:
    return group(name, devices=tuple(f"{name}-{number:03}" for number in range(count)))


def members(cloud: Cloud, want: Resource) -> int:
    return len(sequence(only(cloud.groups.observe([want]), want).spec["devices"]))


def at_rates(cloud: Cloud, seconds: float) -> DeviceGroupHandler:
    """A run that keeps to the hub's rates, and is over in so many seconds."""
    given = cloud.session.surroundings
    patience = replace(given.patience, deadline=cloud.clock.now().timestamp() + seconds)
    limited = replace(given, patience=patience, units=1)
    return DeviceGroupHandler(AzureSession(cloud.session.connection, cloud.session.scribe, limited))


def test_a_large_group_goes_at_the_rate_of_the_hub_and_goes_on_where_it_ended(
    cloud: Cloud, name: str
) -> None:
    want = numbered(name, 300)
    cloud.seed(*(str(device) for device in sequence(want.spec["devices"])))
    with pytest.raises(PartialError, match=r"of 300 done: .*the time budget is spent") as error:
        at_rates(cloud, 2).create(want, {})
    assert error.value.remedy == "run again: it goes on from there"
    done = members(cloud, want)
    assert 100 <= done < 300
    again = at_rates(cloud, 60)
    again.update(only(cloud.groups.observe([want]), want), want, {})
    assert again.session.tally.counts()["hub"] == {"read": 300 - done, "write": 300 - done}
    assert members(cloud, want) == 300
    assert cloud.said[-1].done == cloud.said[-1].total == 300 - done


def test_what_fails_for_one_device_is_named_and_keeps_nobody_back(cloud: Cloud, name: str) -> None:
    want = numbered(name, 20)
    cloud.seed(*(str(device) for device in sequence(want.spec["devices"])))
    cloud.fault(Fault(f"PATCH /twins/{name}-007", status=400, times=0))
    with pytest.raises(PartialError) as error:
        cloud.groups.create(want, {})
    said = str(error.value).splitlines()
    assert said[0] == "tagging devices: 19 of 20 done"
    assert said[1].startswith(f"{name}-007: IoT Hub, tagging {name}-007")
    assert members(cloud, want) == 19


def test_a_right_that_is_missing_ends_it_at_once(cloud: Cloud, name: str) -> None:
    want = numbered(name, 50)
    cloud.seed(*(str(device) for device in sequence(want.spec["devices"])))
    cloud.fault(Fault("PATCH /twins/", status=403, times=0))
    start = writes(cloud)
    with pytest.raises(DeniedError):
        cloud.groups.create(want, {})
    assert writes(cloud) - start <= 2 * AT_ONCE


def test_the_hub_must_see_a_renamed_group_before_anything_asks_for_it(
    cloud: Cloud, name: str
) -> None:
    def sleep(seconds: float) -> None:
        cloud.slept.append(seconds)
        cloud.clock.advance(seconds)
        hub.tick(cloud.emulator.context)

    given = cloud.session.surroundings
    cloud.session.surroundings = replace(given, patience=replace(given.patience, sleep=sleep))
    cloud.seed(f"{name}-a")
    cloud.groups.create(group(f"{name}-old", devices=(f"{name}-a",)), {})
    new = group(name, devices=(f"{name}-a",), previousName=f"{name}-old")
    cloud.client.control("POST", "hub", {"query_lag_seconds": 5})
    try:
        sleep(10)
        sleep(10)
        cloud.groups.observe([new])
        cloud.groups.create(new, {})
        assert "waiting until the hub sees the new tags" in [p.activity for p in cloud.said]
        assert members(cloud, new) == 1
    finally:
        cloud.client.control("POST", "hub", {"query_lag_seconds": 0})
