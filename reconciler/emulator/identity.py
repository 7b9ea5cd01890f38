"""Who the emulated cloud is: names that never change, and keys made once per state folder."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from reconciler.emulator.files import write_private


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True)
class Identity:
    """The ids are literals, so that a fleet can pin the local environment like a real one."""

    subscription_id: str = "00000000-0000-4000-8000-000000000001"
    tenant_id: str = "00000000-0000-4000-8000-000000000002"
    resource_group: str = "local"
    location: str = "westeurope"
    workspace_name: str = "local"
    workspace_id: str = "00000000-0000-4000-8000-000000000003"
    registry_name: str = "localregistry"
    hub_name: str = "local-hub.azure-devices.net"
    hub_primary_key: str = field(default_factory=_key, repr=False)
    hub_secondary_key: str = field(default_factory=_key, repr=False)
    client_secret: str = field(default_factory=_key, repr=False)
    signing_key: str = field(default_factory=_key, repr=False)

    @property
    def registry_login_server(self) -> str:
        return f"{self.registry_name}.azurecr.io"

    @property
    def workspace_path(self) -> str:
        """The workspace's ARM id."""
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{self.workspace_name}"
        )

    @property
    def registry_path(self) -> str:
        """The container registry's ARM id."""
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.ContainerRegistry/registries/{self.registry_name}"
        )


def kept(path: Path) -> Identity:
    """The identity in the file, made there the first time."""
    if path.exists():
        return Identity(**json.loads(path.read_text("utf-8")))
    identity = Identity()
    write_private(path, json.dumps(asdict(identity), indent=2).encode())
    return identity
