"""`connection.json`: all that a client needs to reach a running emulator."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.emulator.files import write_private
from reconciler.emulator.identity import Identity

CLOUD = "LoopbackCloud"


@dataclass(frozen=True)
class Connection:
    """Where a running emulator is and what it accepts; `json()` is the file's content."""

    url: str
    ca: Path
    cloud_metadata: Path
    token: str = field(repr=False)
    pid: int
    identity: Identity

    @property
    def host(self) -> str:
        return self.url.removeprefix("https://")

    @property
    def hub_connection_string(self) -> str:
        return (
            f"HostName={self.host};SharedAccessKeyName=iothubowner;"
            f"SharedAccessKey={self.identity.hub_primary_key}"
        )

    def json(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "ca": str(self.ca),
            "pid": self.pid,
            "hub": {
                "connectionString": self.hub_connection_string,
                "hostName": self.host,
                "name": self.identity.hub_name,
            },
            "workspace": {
                "subscriptionId": self.identity.subscription_id,
                "resourceGroup": self.identity.resource_group,
                "name": self.identity.workspace_name,
                "id": self.identity.workspace_id,
                "cloud": CLOUD,
                "cloudMetadata": str(self.cloud_metadata),
                "token": self.token,
                "servicePrincipal": {
                    "tenantId": "adfs",
                    "clientId": "local",
                    "clientSecret": self.identity.client_secret,
                },
            },
            "registry": {
                "loginServer": self.identity.registry_login_server,
                "endpoint": self.url,
            },
        }

    def write(self, path: Path) -> None:
        write_private(path, json.dumps(self.json(), indent=2).encode())


def write_cloud_metadata(path: Path, url: str) -> None:
    """The file for ARM_CLOUD_METADATA_URL: a cloud whose every address is the emulator's."""
    suffixes = {
        "storage": "core.windows.net",
        "keyVaultDns": "vault.azure.net",
        "acrLoginServer": "azurecr.io",
        "sqlServerHostname": "database.windows.net",
        "azureDataLakeStoreFileSystem": "azuredatalakestore.net",
        "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
    }
    audience = "https://management.core.windows.net/"
    cloud = {
        "name": CLOUD,
        "portal": f"{url}/",
        "resourceManager": f"{url}/",
        "authentication": {
            "loginEndpoint": f"{url}/",
            "audiences": [audience, "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        **dict.fromkeys(
            ("graph", "graphAudience", "gallery", "batch", "media", "vmImageAliasDoc"), f"{url}/"
        ),
        "sqlManagement": f"{url}/",
        "activeDirectoryDataLake": f"{url}/",
        "suffixes": suffixes,
    }
    write_private(path, json.dumps([cloud], indent=2).encode())
