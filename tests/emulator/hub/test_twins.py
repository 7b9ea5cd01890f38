"""Twins through the unmodified SDK."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.hub.fleet import AGENT, Hub, Sdk

AT = "2026-01-01T12:00:00.0000000Z"


def patch(hub: Hub, given: Sdk, etag: str | None = None, device: str = "a") -> Sdk:
    return hub.registry.update_twin(device, hub.models.Twin.from_dict(given), etag)


def patch_as_sent(hub: Hub, given: Sdk, if_match: str | None) -> Sdk:
    """Below the manager, which quotes the tag by itself."""
    service = hub.registry.protocol.devices
    return service.update_twin("a", hub.models.Twin.from_dict(given), if_match)


def test_a_fresh_twin_reads_as_the_service_words_it(hub: Hub) -> None:
    hub.seed({"deviceId": "a", "edge": False})
    told = hub.twin("a")
    assert told.pop("deviceEtag") == hub.registry.get_device("a").etag
    assert told == {
        "deviceId": "a",
        "etag": "AAAAAAAAAAE=",
        "status": "enabled",
        "statusUpdateTime": "0001-01-01T00:00:00Z",
        "connectionState": "Disconnected",
        "lastActivityTime": "0001-01-01T00:00:00Z",
        "cloudToDeviceMessageCount": 0,
        "authenticationType": "sas",
        "x509Thumbprint": {"primaryThumbprint": None, "secondaryThumbprint": None},
        "modelId": "",
        "version": 2,
        "properties": {
            "desired": {
                "$metadata": {"$lastUpdated": AT, "$lastUpdatedVersion": 1},
                "$version": 1,
            },
            "reported": {"$metadata": {"$lastUpdated": AT}, "$version": 1},
        },
        "capabilities": {"iotEdge": False},
        "parentScopes": [],
    }


def test_a_patch_of_desired_properties_moves_all_versions(hub: Hub) -> None:
    hub.seed({"deviceId": "a", "edge": False})
    patch(hub, {"properties": {"desired": {"user": "a", "more": {"x": 1}}}})
    told = hub.twin("a")
    assert (told["etag"], told["version"]) == ("AAAAAAAAAAI=", 3)
    stamp = {"$lastUpdated": AT, "$lastUpdatedVersion": 2}
    assert told["properties"]["desired"] == {
        "user": "a",
        "more": {"x": 1},
        "$metadata": {**stamp, "user": stamp, "more": {**stamp, "x": stamp}},
        "$version": 2,
    }


def test_metadata_keeps_the_age_of_what_was_not_touched(hub: Hub) -> None:
    hub.seed({"deviceId": "a", "edge": False})
    patch(hub, {"properties": {"desired": {"old": 1, "gone": 1}}})
    hub.tick(60)
    patch(hub, {"properties": {"desired": {"new": 1, "gone": None}}})
    desired = hub.twin("a")["properties"]["desired"]
    assert {key for key in desired if not key.startswith("$")} == {"old", "new"}
    assert desired["$metadata"]["old"]["$lastUpdatedVersion"] == 2
    assert desired["$metadata"]["new"]["$lastUpdatedVersion"] == 3
    assert "gone" not in desired["$metadata"]


def test_a_patch_of_tags_merges_and_leaves_desired_properties_alone(hub: Hub) -> None:
    hub.seed({"deviceId": "a", "tags": {"env": "x", "site": {"city": "Bern", "hall": 1}}})
    twin = patch(hub, {"tags": {"site": {"hall": None, "row": 7}, "env": None}})
    assert twin.tags == {"site": {"city": "Bern", "row": 7}}
    assert twin.properties.desired["$version"] == 1


def test_tags_are_left_out_once_the_last_is_gone(hub: Hub) -> None:
    hub.seed({"deviceId": "a", "tags": {"env": "x"}})
    patch(hub, {"tags": {"env": None}})
    assert "tags" not in hub.twin("a")


def test_a_replacement_wipes_what_it_does_not_name(hub: Hub) -> None:
    hub.seed({"deviceId": "a", "tags": {"env": "x"}})
    patch(hub, {"properties": {"desired": {"old": 1}}})
    twin = hub.models.Twin.from_dict({"tags": {"new": 1}})
    replaced = hub.registry.replace_twin("a", twin)
    assert replaced.tags == {"new": 1}
    assert "old" not in replaced.properties.desired


def test_a_stale_quoted_etag_is_refused(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    etag = hub.registry.get_twin("a").etag
    patch(hub, {"tags": {"a": 1}}, etag)
    status, code, body = hub.refused(lambda: patch(hub, {"tags": {"a": 2}}, etag))
    assert (status, code) == (412, "PreconditionFailed")
    assert "ETag mismatch for device ID 'a'" in body


def test_an_etag_without_quotes_is_ignored(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    assert patch_as_sent(hub, {"tags": {"a": 1}}, "stale").tags == {"a": 1}
    assert hub.refused(lambda: patch_as_sent(hub, {"tags": {"a": 2}}, '"stale"'))[0] == 412


def test_what_the_service_writes_itself_is_ignored_in_a_body(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    fetched = hub.registry.get_twin("a")
    fetched.tags = {"a": 1}
    fetched.properties.reported["mine"] = 1
    told = hub.registry.update_twin("a", fetched, fetched.etag)
    assert told.tags == {"a": 1}
    assert "mine" not in told.properties.reported


@pytest.mark.parametrize(
    "tags",
    [
        {"a.b": 1},
        {"a b": 1},
        {"$a": 1},
        {"a#": 1},
        {"a\x01": 1},
        {"k" * 1025: 1},
        {"a": "x" * 4097},
        {"a": [1, None]},
        {"a": 2**52},
        {"1": {"2": {"3": {"4": {"5": {"6": {"7": {"8": {"9": {"10": {"11": {}}}}}}}}}}}},
    ],
)
def test_a_tag_that_no_twin_takes_is_refused(hub: Hub, tags: dict[str, Any]) -> None:
    hub.seed({"deviceId": "a"})
    refused = hub.refused(lambda: patch(hub, {"tags": tags}))
    assert refused[:2] == (400, "ArgumentInvalid")
    assert "tags" not in hub.twin("a")


def test_ten_levels_and_the_largest_values_fit(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    deep = {"1": {"2": {"3": {"4": {"5": {"6": {"7": {"8": {"9": {"10": {"x": 1}}}}}}}}}}}
    tags = {**deep, "text": "x" * 4096, "number": 2**52 - 1}
    assert patch(hub, {"tags": tags}).tags == tags


def test_eight_kilobytes_of_tags_are_the_most(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    patch(hub, {"tags": {"a": "x" * 4000, "b": "y" * 4000}})
    refused = hub.refused(lambda: patch(hub, {"tags": {"c": "z" * 191}}))
    assert refused[:2] == (403, "DeviceModelMaxPropertiesExceeded")
    patch(hub, {"tags": {"c": "z" * 189}})


def test_module_twins_are_twins(hub: Hub) -> None:
    hub.seed({"deviceId": "a", "modules": ["m"]})
    given = hub.models.Twin.from_dict({"properties": {"desired": {"x": 1}}})
    told = hub.registry.update_module_twin("a", "m", given)
    assert (told.module_id, told.properties.desired["x"]) == ("m", 1)
    refused = hub.refused(lambda: hub.registry.get_module_twin("a", "nobody"))
    assert refused[:2] == (404, "DeviceNotFound")


def test_system_modules_are_not_patched_unless_switched(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    given = hub.models.Twin.from_dict({"properties": {"desired": {"x": 1}}})

    def write() -> Sdk:
        return hub.registry.update_module_twin("a", AGENT, given)

    assert hub.refused(write)[:2] == (401, "SystemModuleModifyUnauthorizedAccess")
    hub.switch(system_modules_patchable=True)
    assert write().properties.desired["x"] == 1


def test_methods_find_no_device_online(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    method = hub.models.CloudToDeviceMethod(method_name="reboot")
    status, code, body = hub.refused(lambda: hub.registry.invoke_device_method("a", method))
    assert (status, code) == (404, "DeviceNotOnline")
    assert '\\"errorCode\\": 404103' in body
    missing = hub.refused(lambda: hub.registry.invoke_device_method("nobody", method))
    assert missing[:2] == (404, "DeviceNotFound")
