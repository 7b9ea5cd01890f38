"""A plain HTTPS client of the emulator, without any SDK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from reconciler.emulator.connection import Connection

Json = dict[str, Any] | list[Any] | None
PATIENCE = 20


class Client:
    """Takes paths or URLs, trusts the emulator's CA, carries the workspace's token."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(connection.ca)
        self.session.headers["Authorization"] = f"Bearer {connection.token}"

    def close(self) -> None:
        self.session.close()

    def request(
        self,
        method: str,
        path: str,
        json: Json = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        url = path if path.startswith("https://") else f"{self.connection.url}{path}"
        return self.session.request(
            method, url, json=json, data=data, headers=headers, timeout=PATIENCE
        )

    def get(self, path: str) -> requests.Response:
        return self.request("GET", path)

    def control(self, method: str, path: str, content: Json = None) -> dict[str, Any]:
        """Call `/_emulator/PATH`; returns the decoded JSON."""
        response = self.request(method, f"/_emulator/{path}", json=content)
        response.raise_for_status()
        decoded: dict[str, Any] = response.json()
        return decoded
