"""What agents report, read from the hub: in pages of one query, and no more than is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.edge.reported import AgentTwin, Connection, ModuleReport
from reconciler.providers.azure.agents import HubAgents, query
from reconciler.providers.azure.projection import LONGEST
from tests.emulator.hub.fleet import ANY_IMAGE, manifest, module
from tests.providers.cloud import Cloud

M = ("modules", "m")
TWINS = {"$edgeAgent": {}, "m": {"properties.desired.x": {"y": 1}}}


def deployed(cloud: Cloud, id_: str, name: str, content: dict[str, Any], priority: int) -> str:
    """Returns the ETag."""
    document = {
        "id": id_,
        "content": {"modulesContent": content},
        "targetCondition": f"tags.site = '{name}'",
        "priority": priority,
        "labels": {},
        "metrics": {"queries": {}},
    }
    etag: str = cloud.session.hub.put_configuration(document, None)["etag"]
    return etag


@pytest.fixture
def fleet(cloud: Cloud, name: str) -> Iterator[str]:
    """Three devices with a base and a layer that speaks to a module's twin alone."""
    cloud.seed(*(f"{name}-{letter}" for letter in "abc"), tags={"site": name})
    tell(cloud, f"{name}-b", "crashing")
    tell(cloud, f"{name}-c", "offline")
    etags = {
        f"{name}-base": deployed(cloud, f"{name}-base", name, manifest({"m": module()}), 1),
        f"{name}-twins": deployed(cloud, f"{name}-twins", name, TWINS, 2),
    }
    cloud.client.control("POST", "tick", {})
    yield name
    for id_, etag in etags.items():
        cloud.session.hub.delete_configuration(id_, etag)


def tell(cloud: Cloud, device: str, mode: str) -> None:
    cloud.client.control("POST", "agents", {"devices": [device], "mode": mode})


def own(twins: tuple[AgentTwin, ...], name: str) -> dict[str, AgentTwin]:
    return {t.device.removeprefix(f"{name}-"): t for t in twins if t.device.startswith(f"{name}-")}


def test_agents_tell_what_became_of_each_module(cloud: Cloud, fleet: str) -> None:
    found = own(HubAgents(cloud.session)(["m", "edgeHub"]), fleet)
    assert found["a"].modules[M] == ModuleReport("running", 0, 0, ANY_IMAGE)
    assert set(found["a"].modules) == {M, ("systemModules", "edgeHub")}
    assert (found["a"].code, found["a"].connection) == (200, Connection.CONNECTED)
    assert found["a"].taken_version == found["a"].wanted_version
    assert (found["b"].modules[M].status, found["b"].modules[M].exit_code) == ("backoff", 1)


def test_a_device_that_was_never_there_has_reported_nothing(cloud: Cloud, fleet: str) -> None:
    gone = own(HubAgents(cloud.session)(["m"]), fleet)["c"]
    assert gone.silent
    assert gone.connection is Connection.DISCONNECTED
    assert gone.applied == {f"{fleet}-base"}


def test_a_layer_of_twins_is_applied_in_the_twin_of_its_module(cloud: Cloud, fleet: str) -> None:
    agents = HubAgents(cloud.session)
    twins = f"{fleet}-twins"
    assert own(agents([]), fleet)["a"].configurations[twins] == "Targeted"
    assert agents.elsewhere([twins]) >= {(f"{fleet}-a", twins), (f"{fleet}-b", twins)}
    many = [f"{at:0>120}" for at in range(100)]
    start = cloud.sent("hub", "read")
    assert (f"{fleet}-a", twins) in agents.elsewhere([*many, twins])
    assert cloud.sent("hub", "read") - start == 3


@pytest.mark.usefixtures("fleet")
def test_agents_of_a_fleet_cost_the_pages_of_one_query(cloud: Cloud) -> None:
    cloud.client.control("POST", "hub", {"page_size": 1})
    start = cloud.sent("hub", "read")
    count = len(HubAgents(cloud.session)(["m"]))
    cloud.client.control("POST", "hub", {"page_size": 1000})
    assert count >= 3
    assert cloud.sent("hub", "read") - start in {count, count + 1}


def test_of_many_modules_the_whole_report_is_read(cloud: Cloud, fleet: str) -> None:
    many = [f"{at:0>100}" for at in range(LONGEST // 100)]
    found = own(HubAgents(cloud.session)(["m", *many]), fleet)
    assert found["a"].modules[M].status == "running"
    assert len(query({}).encode()) < LONGEST
