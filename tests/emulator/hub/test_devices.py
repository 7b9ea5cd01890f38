"""Simulated devices in the hub: registries, connections and troubles."""

from __future__ import annotations

import pytest

from reconciler.emulator import oci
from reconciler.emulator.contents import Content
from reconciler.emulator.hub import configurations
from reconciler.emulator.oci import Part, login
from reconciler.emulator.oci.reference import parsed
from tests.emulator.hub.fleet import Hub, manifest, module


@pytest.fixture
def image(hub: Hub) -> str:
    """An image in the workspace's registry."""
    context = hub.emulator.context
    reference = f"{context.identity.registry_login_server}/scorer:1"
    content: Content = context.contents.put([b"weights"])
    oci.push(context, parsed(reference), [Part("model.bin", content)])
    return reference


def credentials(hub: Hub, password: str = "", address: str = "") -> dict[str, dict[str, str]]:
    context = hub.emulator.context
    return {
        "acr": {
            "address": address or context.identity.registry_login_server,
            "username": context.identity.registry_name,
            "password": password or login.passwords(context)["password"],
        }
    }


def test_an_image_of_the_workspace_is_pulled_with_its_credential(hub: Hub, image: str) -> None:
    hub.seed({"deviceId": "a"})
    host = hub.emulator.context.identity.registry_login_server.upper()
    hub.deploy("base", manifest({"m": module(image)}, credentials(hub, address=host)))
    hub.tick()
    assert hub.status("a") == (True, 200)
    settings = hub.agent("a")["properties"]["reported"]["modules"]["m"]["settings"]
    assert settings["image"] == image
    assert settings["imageHash"].startswith("sha256:")


@pytest.mark.parametrize("password", ["wrong", None])
def test_a_wrong_or_missing_credential_fails_the_pull(
    hub: Hub, image: str, password: str | None
) -> None:
    hub.seed({"deviceId": "a"})
    given = credentials(hub, password) if password else {}
    hub.deploy("base", manifest({"m": module(image)}, given))
    hub.tick()
    assert hub.status("a") == (True, 500)
    status = hub.agent("a")["properties"]["reported"]["lastDesiredStatus"]
    assert "unauthorized: authentication required" in status["description"]
    assert hub.running("a") == set()


def test_an_image_that_is_not_there_fails_until_it_is(hub: Hub, image: str) -> None:
    hub.seed({"deviceId": "a"})
    later = image.replace(":1", ":2")
    hub.deploy("base", manifest({"m": module(later)}, credentials(hub)))
    hub.tick()
    assert hub.status("a") == (True, 500)
    context = hub.emulator.context
    oci.push(context, parsed(later), [Part("model.bin", context.contents.put([b"more"]))])
    hub.tick(60)
    assert hub.status("a") == (True, 200)
    assert hub.running("a") == {"m"}


def test_a_rotated_password_restarts_nothing(hub: Hub, image: str) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base-1", manifest({"m": module(image)}, credentials(hub)), priority=1)
    hub.tick(1)
    started = hub.agent("a")["properties"]["reported"]["modules"]["m"]["lastStartTimeUtc"]
    rotated = login.rotate(hub.emulator.context, "password")
    hub.deploy("base-2", manifest({"m": module(image)}, credentials(hub, rotated)), priority=1)
    hub.tick(1)
    assert hub.status("a") == (True, 200)
    module_now = hub.agent("a")["properties"]["reported"]["modules"]["m"]
    assert module_now["lastStartTimeUtc"] == started
    assert ("module-stopped", "m") not in hub.events()


def test_the_edge_hub_reports_its_version_too(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({}))
    hub.tick()
    told = hub.twin("a", "$edgeHub")["properties"]
    assert told["reported"]["lastDesiredVersion"] == told["desired"]["$version"]
    assert told["reported"]["lastDesiredStatus"]["code"] == 200


def test_devices_report_an_empty_manifest_before_any_deployment(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.tick()
    assert hub.status("a") == (True, 417)
    assert hub.twin("a")["connectionState"] == "Connected"


def test_an_offline_device_catches_up_when_it_is_back(hub: Hub) -> None:
    hub.seed({"deviceId": "a", "agent": "offline"})
    hub.deploy("base", manifest({"m": module()}))
    hub.tick()
    assert hub.twin("a")["connectionState"] == "Disconnected"
    assert "lastDesiredVersion" not in hub.agent("a")["properties"]["reported"]
    assert hub.deployments.get_configuration("base").system_metrics.results == {
        "targetedCount": 1,
        "appliedCount": 1,
        "reportedSuccessfulCount": 0,
        "reportedFailedCount": 0,
    }
    hub.instruct("online", devices=["a"])
    assert hub.running("a") == {"m"}


def test_a_disabled_device_is_disconnected(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.tick()
    device = hub.registry.get_device("a")
    device.status = "disabled"
    hub.registry.protocol.devices.create_or_update_identity("a", device, "*")
    hub.deploy("base", manifest({"m": module()}))
    hub.tick()
    assert hub.twin("a")["connectionState"] == "Disconnected"
    assert hub.running("a") == set()


def test_a_slow_fleet_counts_as_failed_while_it_pulls(hub: Hub) -> None:
    hub.seed({"deviceId": "a"}, {"deviceId": "b"})
    hub.instruct("slow", seconds=90)
    hub.deploy("base", manifest({"m": module()}))

    def counts() -> tuple[int, int]:
        results = hub.deployments.get_configuration("base").system_metrics.results
        return results["reportedSuccessfulCount"], results["reportedFailedCount"]

    hub.tick()
    assert counts() == (0, 0)
    hub.tick(61)
    assert counts() == (0, 2)
    hub.tick(29)
    assert counts() == (2, 0)


def test_failing_and_crashing_devices_are_told_one_by_one(hub: Hub) -> None:
    hub.seed({"deviceId": "a"}, {"deviceId": "b", "agent": "failing"}, {"deviceId": "c"})
    hub.instruct("crashing", devices=["c"], modules=["m"])
    hub.deploy("base", manifest({"m": module()}))
    hub.tick()
    assert [hub.status(name)[1] for name in ("a", "b", "c")] == [200, 500, 200]
    assert [hub.running(name) for name in ("a", "b", "c")] == [{"m"}, set(), set()]
    hub.tick(10)
    told = hub.agent("c")["properties"]["reported"]["modules"]["m"]
    assert (told["runtimeStatus"], told["restartCount"]) == ("backoff", 1)


def test_instructions_name_edge_devices_and_modes(hub: Hub) -> None:
    hub.seed({"deviceId": "leaf", "edge": False}, {"deviceId": "a"})
    for content in ({"mode": "offline", "devices": ["leaf"]}, {"mode": "tired"}):
        response = hub.client.request("POST", "/_emulator/agents", dict(content))
        assert response.status_code in {400, 404}
    agents = hub.client.get("/_emulator/agents").json()
    assert [(each["deviceId"], each["behaviour"]) for each in agents] == [("a", {})]


def test_a_report_that_does_not_fit_leaves_the_old_one(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({"m": module()}), priority=1)
    hub.tick()
    env = {f"v{number}": {"value": "x" * 4000} for number in range(7)}
    many = {f"m{number}": module() for number in range(12)} | {"big": module(env=env)}
    hub.deploy("bigger", manifest(many), priority=2)
    hub.tick()
    assert hub.status("a")[0] is False
    assert len(hub.events("module-started")) > 12


def test_pull_seconds_slow_down_every_device(hub: Hub) -> None:
    hub.switch(pull_seconds=30)
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({"m": module()}))
    hub.tick()
    assert hub.running("a") == set()
    hub.tick(30)
    assert hub.running("a") == {"m"}


def test_the_devices_remember_everything_in_the_store(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({"m": module()}))
    hub.tick()
    before = hub.client.control("GET", "snapshot")
    hub.tick(3600)
    assert hub.client.control("GET", "snapshot") == before
    assert {"hub_agent", "hub_identity", configurations.METRICS} - set(before) == {"metrics"}
