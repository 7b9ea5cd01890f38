"""Where the services of one environment are, and how to get in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.model import Secret


@dataclass(frozen=True, slots=True)
class HubAddress:
    host: str
    connection_string: Secret | None = None
    """Without one, the hub is reached with the identity of whoever runs this."""

    def secrets(self) -> Iterator[Secret]:
        """The connection string and the key in it."""
        if self.connection_string is not None:
            yield self.connection_string
            for part in self.connection_string.reveal().split(";"):
                name, _, value = part.strip().partition("=")
                if name == "SharedAccessKey":
                    yield Secret(value)


@dataclass(frozen=True, slots=True)
class WorkspaceAddress:
    """A workspace by its name, or by the file that the Azure portal offers for download."""

    subscription_id: str = ""
    resource_group: str = ""
    name: str = ""
    config_file: str = ""
    """Absolute path of a `config.json`; wins over the names."""


@dataclass(frozen=True, slots=True)
class LocalCloud:
    """A cloud that is none of Microsoft's: the emulator's."""

    name: str
    metadata: str
    """Absolute path of the file that describes its endpoints."""
    token: Secret


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything that a session needs to reach what an environment names."""

    hub: HubAddress
    workspace: WorkspaceAddress | None = None
    cloud: LocalCloud | None = None
    """None for the Azure of the person or the pipeline that runs this."""
    ca: str | None = None
    """A file of certificates to trust instead of the usual ones."""
    registries: Mapping[str, str] = field(default_factory=dict)
    """Base URLs by login server, where a registry is not at https://<login server>."""


def emulated(connection: Mapping[str, Any]) -> Connection:
    """From what a running emulator writes into its `connection.json`."""
    hub, workspace = connection["hub"], connection["workspace"]
    registry = connection["registry"]
    return Connection(
        hub=HubAddress(hub["hostName"], Secret(hub["connectionString"])),
        workspace=WorkspaceAddress(
            workspace["subscriptionId"], workspace["resourceGroup"], workspace["name"]
        ),
        cloud=LocalCloud(
            workspace["cloud"], workspace["cloudMetadata"], Secret(workspace["token"])
        ),
        ca=connection["ca"],
        registries={registry["loginServer"]: registry["endpoint"]},
    )
