"""Devices and modules through the unmodified SDK."""

from __future__ import annotations

import base64
from functools import partial

import pytest

from tests.emulator.hub.fleet import Hub, Json, Sdk

KEY = base64.b64encode(b"k" * 32).decode()
YEAR_ONE = "0001-01-01T00:00:00"


def raw_device(hub: Hub, device_id: str) -> Json:
    return hub.registry.protocol.devices.get_identity(device_id, raw=True).response


def create(hub: Hub, device_id: str = "a", *, edge: bool = False, **more: Sdk) -> Sdk:
    return hub.registry.create_device_with_sas(
        device_id, KEY, KEY, "enabled", iot_edge=edge, **more
    )


def put(hub: Hub, device: Sdk, match: str) -> Sdk:
    service = hub.registry.protocol.devices
    return service.create_or_update_identity(device.device_id, device, match)


def test_a_created_device_reads_as_the_service_words_it(hub: Hub) -> None:
    create(hub)
    response = raw_device(hub, "a")
    told = response.json()
    assert response.headers["ETag"] == f'"{told["etag"]}"'
    assert base64.b64decode(told.pop("etag")).isdigit()
    assert told.pop("generationId").isdigit()
    assert told == {
        "deviceId": "a",
        "connectionState": "Disconnected",
        "status": "enabled",
        "statusReason": None,
        "connectionStateUpdatedTime": f"{YEAR_ONE}Z",
        "statusUpdatedTime": f"{YEAR_ONE}Z",
        "lastActivityTime": f"{YEAR_ONE}Z",
        "cloudToDeviceMessageCount": 0,
        "authentication": {
            "symmetricKey": {"primaryKey": KEY, "secondaryKey": KEY},
            "x509Thumbprint": {"primaryThumbprint": None, "secondaryThumbprint": None},
            "type": "sas",
        },
        "capabilities": {"iotEdge": False},
        "parentScopes": [],
    }


def test_the_answer_to_a_create_writes_the_year_one_without_a_zone(hub: Hub) -> None:
    service = hub.registry.protocol.devices
    device = hub.models.Device(device_id="a")
    told = service.create_or_update_identity("a", device, raw=True).response.json()
    assert told["statusUpdatedTime"] == YEAR_ONE


def test_an_edge_device_comes_with_its_scope_and_system_modules(hub: Hub) -> None:
    device = create(hub, edge=True)
    assert device.device_scope.startswith("ms-azure-iot-edge://a-")
    modules = hub.registry.get_modules("a")
    assert [(each.module_id, each.managed_by) for each in modules] == [
        ("$edgeAgent", "iotEdge"),
        ("$edgeHub", "iotEdge"),
    ]
    assert modules[0].authentication.type == "none"


def test_a_device_is_created_once(hub: Hub) -> None:
    create(hub)
    status, code, body = hub.refused(lambda: create(hub))
    assert (status, code) == (409, "DeviceAlreadyExists")
    assert "A device with ID 'a' is already registered." in body


def test_an_update_needs_the_device_and_its_etag(hub: Hub) -> None:
    device = create(hub)
    device.status = "disabled"
    updated = put(hub, device, f'"{device.etag}"')
    assert updated.status == "disabled"
    assert updated.etag != device.etag
    stale = hub.refused(lambda: put(hub, device, f'"{device.etag}"'))
    assert stale[:2] == (412, "PreconditionFailed")
    device.device_id = "other"
    assert hub.refused(lambda: put(hub, device, "*"))[:2] == (404, "DeviceNotFound")


def test_an_update_without_keys_makes_new_ones(hub: Hub) -> None:
    create(hub)
    device = hub.registry.get_device("a")
    device.authentication = None
    put(hub, device, "*")
    made = hub.registry.get_device("a").authentication.symmetric_key
    assert made.primary_key != KEY
    assert made.primary_key != made.secondary_key


@pytest.mark.parametrize("keys", [(KEY, None), ("short", "short"), ("AAAA", "AAAA")])
def test_keys_are_two_and_long_enough(hub: Hub, keys: tuple[str, str | None]) -> None:
    refused = hub.refused(lambda: hub.registry.create_device_with_sas("a", *keys, "enabled"))
    assert refused[:2] == (400, "ArgumentInvalid")


def test_an_edge_device_must_send_its_own_scope_back(hub: Hub) -> None:
    device = create(hub, edge=True)
    scope, device.device_scope = device.device_scope, None
    refused = hub.refused(lambda: put(hub, device, "*"))
    assert refused[0] == 400
    assert "Device scope is immutable" in refused[2]
    device.device_scope = scope
    assert put(hub, device, "*").device_scope == scope


def test_the_sdks_update_turns_an_edge_device_into_a_leaf(hub: Hub) -> None:
    create(hub, edge=True)
    hub.registry.update_device_with_sas("a", "*", KEY, KEY, "enabled")
    assert hub.registry.get_device("a").capabilities.iot_edge is False


def test_a_leaf_has_the_scope_of_its_parent(hub: Hub) -> None:
    parent = create(hub, "parent", edge=True)
    leaf = create(hub, "leaf", device_scope=parent.device_scope)
    assert leaf.device_scope == parent.device_scope
    assert leaf.parent_scopes == [parent.device_scope]
    refused = hub.refused(lambda: create(hub, "x", device_scope="ms-azure-iot-edge://no-1"))
    assert refused[0] == 400


def test_a_scope_chosen_for_a_new_edge_device_is_ignored(hub: Hub) -> None:
    device = create(hub, edge=True, device_scope="ms-azure-iot-edge://mine-1")
    assert device.device_scope.startswith("ms-azure-iot-edge://a-")


def test_a_delete_takes_twin_and_modules_along_and_needs_an_etag(hub: Hub) -> None:
    create(hub, edge=True)
    service = hub.registry.protocol.devices
    missing = hub.refused(lambda: service.delete_identity("a"))
    assert missing[:2] == (412, "PreconditionFailed")
    assert "Etag missing" in missing[2]
    assert hub.refused(lambda: hub.registry.delete_device("a", "MQ=="))[0] == 412
    hub.registry.delete_device("a")
    status, code, body = hub.refused(lambda: hub.registry.get_device("a"))
    assert (status, code) == (404, "DeviceNotFound")
    assert '"ErrorCode:DeviceNotFound;a"' in body
    assert hub.refused(lambda: hub.registry.get_twin("a"))[:2] == (404, "DeviceNotFound")


def test_ids_with_strange_letters_survive_the_way(hub: Hub) -> None:
    name = "A-1:.+%_#*?!(),=@;$'"
    create(hub, name)
    assert hub.registry.get_device(name).device_id == name
    assert hub.refused(lambda: create(hub, "a b"))[0] == 400


def test_devices_are_listed_up_to_top(hub: Hub) -> None:
    for name in ("a", "b", "c"):
        create(hub, name)
    assert [each.device_id for each in hub.registry.get_devices(2)] == ["a", "b"]
    assert hub.refused(lambda: hub.registry.get_devices(1001))[0] == 400


def test_statistics_count_devices(hub: Hub) -> None:
    create(hub, "leaf")
    hub.seed({"deviceId": "edge"}, {"deviceId": "off", "status": "disabled"})
    hub.tick()
    devices = hub.registry.get_device_registry_statistics()
    counts = (devices.total_device_count, devices.enabled_device_count)
    assert (*counts, devices.disabled_device_count) == (3, 2, 1)
    assert hub.registry.get_service_statistics().connected_device_count == 1


def test_modules_live_and_die(hub: Hub) -> None:
    create(hub)
    made = hub.registry.create_module_with_sas("a", "m", "me", KEY, KEY)
    assert made.managed_by == "me"
    updated = hub.registry.update_module_with_sas("a", "m", "you", made.etag, KEY, KEY)
    assert (updated.managed_by, updated.etag != made.etag) == ("you", True)
    twice = hub.refused(lambda: hub.registry.create_module_with_sas("a", "m", "me", KEY, KEY))
    assert twice[:2] == (409, "ModuleAlreadyExistsOnDevice")
    assert '"errorCode": 409301' in twice[2]
    hub.registry.delete_module("a", "m")
    gone = hub.refused(lambda: hub.registry.get_module("a", "m"))
    assert gone[:2] == (404, "ModuleNotFound")


def test_modules_of_the_system_are_not_for_users(hub: Hub) -> None:
    create(hub, edge=True)
    refused = hub.refused(lambda: hub.registry.create_module_with_sas("a", "$x", "", KEY, KEY))
    assert refused[0] == 400
    assert hub.refused(lambda: hub.registry.delete_module("a", "$edgeHub"))[0] == 400


def test_modules_of_a_missing_or_disabled_device_answer_401(hub: Hub) -> None:
    hub.seed({"deviceId": "off", "status": "disabled", "edge": True})
    for device in ("nobody", "off"):
        refused = hub.refused(partial(hub.registry.get_modules, device))
        assert refused[:2] == (401, "IotHubUnauthorizedAccess")
    assert hub.registry.get_module_twin("off", "$edgeAgent").module_id == "$edgeAgent"


def test_a_device_has_at_most_fifty_modules(hub: Hub) -> None:
    hub.seed({"deviceId": "a", "edge": False, "modules": [f"m{n}" for n in range(50)]})
    refused = hub.refused(lambda: hub.registry.create_module_with_sas("a", "m", "", KEY, KEY))
    assert refused[:2] == (413, "TooManyModulesOnDevice")


def test_bulk_changes_answer_with_what_failed(hub: Hub) -> None:
    create(hub, "old")
    device = hub.models.ExportImportDevice
    result = hub.registry.bulk_create_or_update_devices(
        [
            device(id="old", import_mode="create"),
            device(id="new", import_mode="Create", tags={"env": "x"}),
            device(id="nobody", import_mode="delete"),
        ]
    )
    assert result.is_successful is False
    assert [(each.device_id, each.error_code) for each in result.errors] == [
        ("old", "DeviceAlreadyExists"),
        ("nobody", "DeviceNotFound"),
    ]
    assert hub.registry.get_twin("new").tags == {"env": "x"}


def test_bulk_updates_twins_by_etag_and_deletes(hub: Hub) -> None:
    hub.seed({"deviceId": "a", "tags": {"old": 1}})
    device = hub.models.ExportImportDevice
    etag = hub.registry.get_twin("a").etag
    change = device(id="a", import_mode="updateTwinIfMatchETag", twin_etag=etag, tags={"new": 1})
    assert hub.registry.bulk_create_or_update_devices([change]).is_successful is True
    assert hub.registry.get_twin("a").tags == {"new": 1}
    again = hub.registry.bulk_create_or_update_devices([change])
    assert [each.error_code for each in again.errors] == ["PreconditionFailed"]
    gone = hub.registry.bulk_create_or_update_devices([device(id="a", import_mode="delete")])
    assert gone.is_successful is True


def test_bulk_takes_a_hundred_devices_and_none_twice(hub: Hub) -> None:
    device = hub.models.ExportImportDevice
    many = [device(id=f"d{number}", import_mode="create") for number in range(101)]
    refused = hub.refused(lambda: hub.registry.bulk_create_or_update_devices(many))
    assert refused[:2] == (413, "TooManyDevices")
    assert hub.registry.bulk_create_or_update_devices(many[:100]).is_successful is True
    twice = hub.registry.bulk_create_or_update_devices([many[0], many[0]])
    assert twice.is_successful is None  # a plain error body, which the SDK returns all the same


def test_seeding_again_changes_nothing(hub: Hub) -> None:
    hub.seed({"deviceId": "a", "tags": {"env": "x"}})
    before = hub.twin("a")
    hub.seed({"deviceId": "a", "tags": {"env": "y"}}, {"deviceId": "b"})
    assert hub.twin("a") == before
    assert hub.registry.get_device("b").capabilities.iot_edge is True


@pytest.mark.parametrize("thumbprint", ["", "AA:BB", "g" * 40, "A" * 41])
def test_a_self_signed_device_needs_a_thumbprint_that_is_one(hub: Hub, thumbprint: str) -> None:
    create = partial(
        hub.registry.create_device_with_x509, "a", thumbprint, thumbprint, "enabled", iot_edge=True
    )
    assert hub.refused(create)[:2] == (400, "ArgumentInvalid")


@pytest.mark.parametrize("length", [40, 64])
def test_thumbprints_are_of_either_length(hub: Hub, length: int) -> None:
    hub.registry.create_device_with_x509("a", "a" * length, "b" * length, "enabled", iot_edge=True)
    assert hub.registry.get_device("a").authentication.type == "selfSigned"


def test_an_edge_device_below_another_names_the_scope_of_its_parent(hub: Hub) -> None:
    parent, other = create(hub, "parent", edge=True), create(hub, "other", edge=True)
    below = create(hub, "below", edge=True, parent_scopes=[parent.device_scope])
    assert below.parent_scopes == [parent.device_scope]
    assert below.device_scope.startswith("ms-azure-iot-edge://below-")
    below.parent_scopes = [other.device_scope]
    assert put(hub, below, f'"{below.etag}"').parent_scopes == [other.device_scope]
    below.parent_scopes = ["ms-azure-iot-edge://no-1"]
    assert hub.refused(lambda: put(hub, below, "*"))[0] == 400


def test_a_device_of_a_bulk_call_brings_its_tags_and_its_parent(hub: Hub) -> None:
    parent = create(hub, "parent", edge=True)
    device = hub.models.ExportImportDevice(
        id="below",
        import_mode="create",
        tags={"line": 1},
        capabilities=hub.models.DeviceCapabilities(iot_edge=True),
        parent_scopes=[parent.device_scope],
    )
    hub.registry.bulk_create_or_update_devices([device])
    assert hub.registry.get_twin("below").tags == {"line": 1}
    assert hub.registry.get_device("below").parent_scopes == [parent.device_scope]
    assert len(hub.registry.get_modules("below")) == 2
