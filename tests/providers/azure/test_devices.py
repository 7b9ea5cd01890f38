"""The fleet's twins: one query, of what conditions look at and nothing else."""

from __future__ import annotations

import pytest

from reconciler.edge.condition import Field
from reconciler.edge.twin import Twin
from reconciler.emulator.faults import Fault
from reconciler.providers.azure.devices import HubDevices
from reconciler.providers.azure.projection import LONGEST
from reconciler.providers.port import IncompleteError
from tests.providers.cloud import Cloud

SITE, GROUP = Field(("tags", "site")), Field(("tags", "group"))
VERSION = Field(("properties", "reported", "version"))


def page(body: str = '[{"deviceId": "gw-1"}]', *, more: bool = True, times: int = 1) -> Fault:
    """What the hub says instead of a page."""
    headers = {"content-type": "application/json", **({"x-ms-continuation": "c"} if more else {})}
    return Fault("/devices/query", status=200, body=body, headers=headers, times=times)


def reads(cloud: Cloud) -> int:
    return cloud.sent("hub", "read")


def seeded(cloud: Cloud, name: str) -> None:
    lines = [
        {"deviceId": f"{name}-a", "tags": {"site": name, "group": {"deep": 1}, "other": 2}},
        {"deviceId": f"{name}-b"},
        {"deviceId": f"{name}-leaf", "edge": False, "tags": {"site": name}},
    ]
    cloud.client.control("POST", "seed", {"devices": lines})


def own(twins: object, name: str) -> list[Twin]:
    assert isinstance(twins, tuple)
    return [twin for twin in twins if twin.device.startswith(f"{name}-")]


def test_only_what_is_asked_for_is_read_and_only_of_edge_devices(cloud: Cloud, name: str) -> None:
    seeded(cloud, name)
    found = HubDevices(cloud.session)([Field(("deviceId",)), SITE, VERSION])
    assert own(found, name) == [
        Twin(f"{name}-a", tags={"site": name}, connected=False),
        Twin(f"{name}-b", connected=False),
    ]


def test_keys_that_are_words_of_the_language_and_keys_below_them_can_be_read(
    cloud: Cloud, name: str
) -> None:
    seeded(cloud, name)
    found = HubDevices(cloud.session)([Field(("tags", "group", "deep")), GROUP, SITE])
    assert own(found, name)[0].tags == {"site": name, "group": {"deep": 1}}


def test_a_fleet_costs_its_pages(cloud: Cloud, name: str) -> None:
    seeded(cloud, name)
    cloud.client.control("POST", "hub", {"page_size": 1})
    start = reads(cloud)
    count = len(list(HubDevices(cloud.session)([SITE])))
    cloud.client.control("POST", "hub", {"page_size": 1000})
    assert reads(cloud) - start in {count, count + 1}


def test_a_query_that_would_be_too_long_reads_whole_sections(cloud: Cloud, name: str) -> None:
    seeded(cloud, name)
    many = [Field(("tags", f"{at:0100}")) for at in range(LONGEST // 100)]
    found = HubDevices(cloud.session)([SITE, *many])
    assert own(found, name)[0].tags["other"] == 2


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ([page(), page(more=False)], "moved while it was read: gw-1 came twice"),
        ([page(times=0)], "after 1 of them: .* a page that it has shown before"),
        ([page(), page(body="[{}]")], "after 1 of them: .* a row is of no device"),
        ([page(), page(body="{}")], "after 1 of them: .* the answer is not JSON"),
    ],
)
def test_a_list_that_cannot_be_counted_on_is_incomplete(
    cloud: Cloud, faults: list[Fault], said: str
) -> None:
    for fault in faults:
        cloud.emulator.context.faults.add(fault)
    with pytest.raises(IncompleteError, match=said) as caught:
        HubDevices(cloud.session)([SITE])
    cloud.emulator.context.faults.clear()
    assert [twin.device for twin in caught.value.found] == ["gw-1"]
