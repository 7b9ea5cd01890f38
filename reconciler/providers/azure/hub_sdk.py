"""The SDK's hub clients, each call one request and its raw answer. Imported when a hub is needed.

Raw, because the SDK's models cut time stamps, turn labels into text and lose what a query
projects. The SDK still builds, signs and sends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import requests
from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError, DeserializationError
from azure.iot.hub import IoTHubConfigurationManager, IoTHubRegistryManager
from azure.iot.hub.models import (
    AuthenticationMechanism,
    Configuration,
    ConfigurationContent,
    ConfigurationMetrics,
    Device,
    ExportImportDevice,
    QuerySpecification,
    Twin,
)
from azure.iot.hub.sastoken import SasTokenError
from msrest.exceptions import ClientException, HttpOperationError

from reconciler.model import Secret
from reconciler.providers.azure.connection import HubAddress
from reconciler.providers.azure.fault import Cause, Fault, FaultError
from reconciler.providers.azure.identity import signed_in
from reconciler.providers.azure.values import Json
from reconciler.providers.azure.wire import NO_JSON, answered, unanswered

SERVICE = "IoT Hub"
OK = 200


class Manager(Protocol):
    """What the SDK's two managers have in common."""

    protocol: Any


CONNECT = 5.0
"""Seconds to connect."""
_INVALID = "the connection string is not valid: check HostName, SharedAccessKeyName and the key"


@dataclass(frozen=True, slots=True)
class HubSdk:
    """Both clients are safe to use from several threads."""

    configuring: IoTHubConfigurationManager
    registering: IoTHubRegistryManager

    def get_configurations(self) -> requests.Response:
        operations = self.configuring.protocol.configuration
        return _sent("listing the configurations", lambda: operations.get_configurations(raw=True))

    def get_configuration(self, name: str) -> requests.Response:
        operations = self.configuring.protocol.configuration
        return _sent(f"reading {name}", lambda: operations.get(name, raw=True))

    def put_configuration(self, document: Mapping[str, Any], etag: str | None) -> requests.Response:
        """Create where `etag` is None, else update."""
        name = document["id"]
        body = Configuration(
            id=name,
            schema_version="2.0",
            labels=document["labels"],
            content=ConfigurationContent(modules_content=document["content"]["modulesContent"]),
            target_condition=document["targetCondition"],
            priority=document["priority"],
            metrics=ConfigurationMetrics(queries=document["metrics"]["queries"]),
        )
        match = _quoted(etag) if etag is not None else None
        operations = self.configuring.protocol.configuration
        return _sent(
            f"writing {name}", lambda: operations.create_or_update(name, body, match, raw=True)
        )

    def delete_configuration(self, name: str, etag: str) -> requests.Response:
        operations = self.configuring.protocol.configuration
        return _sent(f"deleting {name}", lambda: operations.delete(name, _quoted(etag), raw=True))

    def query(self, text: str, token: str | None, size: int) -> requests.Response:
        operations = self.registering.protocol.query
        asked = QuerySpecification(query=text)
        return _sent(
            "querying the devices", lambda: operations.get_twins(asked, token, str(size), raw=True)
        )

    def get_twin(self, device: str) -> requests.Response:
        operations = self.registering.protocol.devices
        return _sent(f"reading the twin of {device}", lambda: operations.get_twin(device, raw=True))

    def create_device(self, identity: Mapping[str, Json]) -> requests.Response:
        operations = self.registering.protocol.devices
        device = Device(
            device_id=str(identity["deviceId"]),
            status=str(identity["status"]),
            authentication=AuthenticationMechanism(type="sas"),
        )
        return _sent(
            f"registering {device.device_id}",
            lambda: operations.create_or_update_identity(device.device_id, device, raw=True),
        )

    def get_device(self, name: str) -> requests.Response:
        operations = self.registering.protocol.devices
        return _sent(f"reading {name}", lambda: operations.get_identity(name, raw=True))

    def put_device(self, identity: Mapping[str, Json], etag: str) -> requests.Response:
        """As it was read but for what changes: what is left out, the service would make anew."""
        name = str(identity["deviceId"])
        operations = self.registering.protocol.devices
        device = Device.from_dict(identity)
        return _sent(
            f"changing {name}",
            lambda: operations.create_or_update_identity(name, device, _quoted(etag), raw=True),
        )

    def delete_device(self, name: str, etag: str) -> requests.Response:
        operations = self.registering.protocol.devices
        match = _quoted(etag)
        return _sent(f"deleting {name}", lambda: operations.delete_identity(name, match, raw=True))

    def register(self, devices: Sequence[Mapping[str, Json]]) -> requests.Response:
        """The service answers 400 where any device was refused; only then is there a result."""
        doing = f"registering {len(devices)} devices"
        operations = self.registering.protocol.bulk_registry
        found = [ExportImportDevice.from_dict(device) for device in devices]
        response = _sent(doing, lambda: operations.update_registry(found, raw=True))
        if response.status_code != OK and "isSuccessful" not in response.text:
            raise FaultError(answered(SERVICE, doing, response))
        return response

    def patch_tags(self, device: str, tags: Mapping[str, Json], etag: str) -> requests.Response:
        operations = self.registering.protocol.devices
        patch = Twin(tags=tags)
        return _sent(
            f"tagging {device}",
            lambda: operations.update_twin(device, patch, _quoted(etag), raw=True),
        )


def connect(address: HubAddress, ca: str | None, answer: float) -> HubSdk:
    """Build the clients, which wait `answer` seconds for each answer; the hub hears nothing."""
    both = _managers(address)
    for manager in both:
        _harden(manager, ca, answer)
    return HubSdk(*both)


def _managers(address: HubAddress) -> tuple[IoTHubConfigurationManager, IoTHubRegistryManager]:
    if address.connection_string is not None:
        return _with_key(address.connection_string)
    credential: TokenCredential = signed_in()
    try:
        return (
            IoTHubConfigurationManager.from_token_credential(address.host, credential),
            IoTHubRegistryManager.from_token_credential(address.host, credential),
        )
    except ClientAuthenticationError as error:
        raise FaultError(_failed("connecting", error)) from error


def _with_key(
    connection_string: Secret,
) -> tuple[IoTHubConfigurationManager, IoTHubRegistryManager]:
    text = connection_string.reveal().strip().rstrip(";")
    try:
        return (
            IoTHubConfigurationManager.from_connection_string(text),
            IoTHubRegistryManager.from_connection_string(text),
        )
    except (KeyError, ValueError):
        # Not chained: the SDK's text may repeat parts of the connection string.
        raise FaultError(Fault(SERVICE, "connecting", Cause.NOBODY, text=_INVALID)) from None


def _harden(manager: Manager, ca: str | None, answer: float) -> None:
    """One connection per thread, bounded waits, and no repetition that we do not see."""
    config = manager.protocol.config
    config.keep_alive = True
    config.connection.timeout = (CONNECT, answer)
    if ca:
        config.connection.verify = ca
    config.retry_policy.retries = 0
    config.retry_policy.policy.status_forcelist = set()
    config.retry_policy.policy.respect_retry_after_header = False


def _quoted(etag: str) -> str:
    """As RFC 7232 wants it: the hub ignores an ETag without quotes, or answers 409 to it."""
    return f'"{etag}"'


def _sent(doing: str, call: Callable[[], Any]) -> requests.Response:
    """Turn whatever the SDK raises into a fault: the only place where that happens."""
    try:
        response: requests.Response = call().response
    except HttpOperationError as error:
        raise FaultError(answered(SERVICE, doing, error.response)) from error
    except SasTokenError:
        raise FaultError(Fault(SERVICE, doing, Cause.NOBODY, text=_INVALID)) from None
    except ClientException as error:
        raise FaultError(unanswered(SERVICE, doing, error)) from error
    except (AzureError, DeserializationError, OSError) as error:
        raise FaultError(_failed(doing, error)) from error
    return response


def _failed(doing: str, error: Exception) -> Fault:
    """What is no answer and no lost one."""
    match error:
        case ClientAuthenticationError():
            text = error.message.partition("\n")[0]
            return Fault(SERVICE, doing, Cause.NOBODY, text=text)
        case DeserializationError():
            return Fault(SERVICE, doing, Cause.BROKEN, text=NO_JSON)
        case OSError():  # requests does not find the file of certificates
            return Fault(SERVICE, doing, Cause.UNTRUSTED, text=str(error))
        case _:
            return Fault(SERVICE, doing, Cause.REFUSED, text=str(error))
