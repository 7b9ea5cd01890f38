"""What the tests of the hub say often: a hub, its devices, manifests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from reconciler.emulator.hub.access import keys
from reconciler.emulator.server import Running
from tests.emulator.client import Client

Json: TypeAlias = Any
"""Any JSON."""
Sdk: TypeAlias = Any
"""Something of the SDK's, which has no types."""

AGENT = "$edgeAgent"
RUNTIME_IMAGE = "mcr.microsoft.com/azureiotedge-agent:1.5"
HUB_IMAGE = "mcr.microsoft.com/azureiotedge-hub:1.5"
ANY_IMAGE = "mcr.microsoft.com/thing:1"


def module(image: str = ANY_IMAGE, **more: Json) -> dict[str, Any]:
    settings = {"image": image, "createOptions": more.pop("createOptions", "{}")}
    return {
        "type": "docker",
        "status": "running",
        "restartPolicy": "always",
        "settings": settings,
        **more,
    }


def manifest(
    modules: Mapping[str, Any], credentials: Mapping[str, Any] | None = None, mode: str = ""
) -> dict[str, Any]:
    """A base deployment's modulesContent."""
    env = {"env": {"ModuleUpdateMode": {"value": mode}}} if mode else {}
    agent = {"type": "docker", "settings": {"image": RUNTIME_IMAGE, "createOptions": "{}"}, **env}
    return {
        AGENT: {
            "properties.desired": {
                "schemaVersion": "1.1",
                "runtime": {
                    "type": "docker",
                    "settings": {"registryCredentials": dict(credentials or {})},
                },
                "systemModules": {"edgeAgent": agent, "edgeHub": module(HUB_IMAGE)},
                "modules": dict(modules),
            }
        },
        "$edgeHub": {
            "properties.desired": {
                "schemaVersion": "1.1",
                "routes": {"up": "FROM /messages/* INTO $upstream"},
                "storeAndForwardConfiguration": {"timeToLiveSecs": 7200},
            }
        },
    }


def layer(**modules: Json) -> dict[str, Any]:
    """A layered deployment's modulesContent."""
    return {AGENT: {f"properties.desired.modules.{name}": each for name, each in modules.items()}}


class Hub:
    """The SDK's managers, and the control plane beside them."""

    def __init__(self, sdk: Sdk, emulator: Running, client: Client) -> None:
        self.models = sdk.models
        self.emulator = emulator
        self.client = client
        text = emulator.connection.hub_connection_string
        self.registry = self.trusting(sdk.IoTHubRegistryManager.from_connection_string(text))
        self.deployments = self.trusting(
            sdk.IoTHubConfigurationManager.from_connection_string(text)
        )
        self.sdk = sdk
        self.error: Any = sys.modules["msrest.exceptions"].HttpOperationError

    def trusting(self, manager: Sdk) -> Sdk:
        """Reconnecting for every call is what takes the SDK's time; see its keep_alive."""
        manager.protocol.config.connection.verify = str(self.emulator.connection.ca)
        manager.protocol.config.keep_alive = True
        return manager

    def as_policy(self, policy: str, which: int = 0) -> Sdk:
        """A registry manager with the primary (0) or secondary (1) key of a policy."""
        key = keys(self.emulator.context.identity, policy)[which]
        text = (
            f"HostName={self.emulator.connection.host};SharedAccessKeyName={policy};"
            f"SharedAccessKey={key}"
        )
        return self.trusting(self.sdk.IoTHubRegistryManager.from_connection_string(text))

    def refused(self, call: Callable[[], object]) -> tuple[int, str, str]:
        """Status, `iothub-errorcode` and body of a call that the SDK raises for."""
        try:
            call()
        except self.error as error:
            response = error.response
            return response.status_code, response.headers["iothub-errorcode"], response.text
        raise AssertionError("the hub did not refuse")

    # -- devices

    def seed(self, *lines: Mapping[str, Any]) -> None:
        self.client.control("POST", "seed", [dict(line) for line in lines])

    def tick(self, seconds: float = 0) -> None:
        if seconds:
            self.client.control("POST", "clock", {"advance": seconds})
        self.client.control("POST", "tick")

    def switch(self, **switches: Json) -> None:
        self.client.control("POST", "hub", dict(switches))

    def instruct(self, mode: str, **more: Json) -> None:
        self.client.control("POST", "agents", {"mode": mode, **more})
        self.tick()

    def agent(self, device_id: str) -> Json:
        """The `$edgeAgent` twin as JSON: the SDK's model drops what it does not know."""
        return self.twin(device_id, AGENT)

    def twin(self, device_id: str, module_id: str = "") -> Json:
        twins = self.registry.protocol
        if module_id:
            return twins.modules.get_twin(device_id, module_id, raw=True).response.json()
        return twins.devices.get_twin(device_id, raw=True).response.json()

    def running(self, device_id: str) -> set[str]:
        modules = self.agent(device_id)["properties"]["reported"].get("modules", {})
        return {name for name, each in modules.items() if each["runtimeStatus"] == "running"}

    def status(self, device_id: str) -> tuple[bool, int]:
        """Whether the agent has seen the newest manifest, and the code that it reports."""
        properties = self.agent(device_id)["properties"]
        reported = properties["reported"]
        seen = reported["lastDesiredVersion"] == properties["desired"]["$version"]
        return seen, reported["lastDesiredStatus"]["code"]

    def events(self, *names: str, device: str = "") -> list[tuple[str, str]]:
        """Name and subject of the events with these names (of all without), oldest first."""
        query = f"history?device={device}" if device else "history"
        told = self.client.control("GET", query)["events"]
        found = [(each["event"], each["subject"]) for each in told]
        return [each for each in found if not names or each[0] in names]

    # -- deployments

    def configuration(self, id_: str, **fields: Sdk) -> Sdk:
        return self.models.Configuration(id=id_, **fields)

    def deploy(
        self,
        id_: str,
        modules: Mapping[str, Any],
        target: str = "*",
        priority: int = 0,
        **fields: Sdk,
    ) -> Sdk:
        """Create a deployment; nothing happens on devices before the next pass."""
        content = self.models.ConfigurationContent(modules_content=dict(modules))
        return self.deployments.create_configuration(
            self.configuration(
                id_, content=content, target_condition=target, priority=priority, **fields
            )
        )

    def query(self, text: str, size: int = 1000) -> list[dict[str, Any]]:
        """All pages, as JSON."""
        rows: list[dict[str, Any]] = []
        token = None
        while True:
            response = self._page(text, size, token)
            rows += response.json()
            token = response.headers.get("x-ms-continuation")
            if not token:
                return rows

    def _page(self, text: str, size: int, token: str | None) -> Sdk:
        specification = self.models.QuerySpecification(query=text)
        service = self.registry.protocol.query
        return service.get_twins(specification, token, str(size), raw=True).response
