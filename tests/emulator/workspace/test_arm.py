"""The resource manager, and a registry that is made late or closed to keys."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.emulator import token
from reconciler.emulator.clock import SystemClock
from reconciler.emulator.server import running
from reconciler.emulator.settings import Settings
from tests.emulator.client import Client
from tests.emulator.workspace.rest import REGISTRY, WORKSPACE, build

KEYS = f"{WORKSPACE}/listKeys"


def workspace(client: Client) -> dict[str, Any]:
    properties: dict[str, Any] = client.get(WORKSPACE).json()["properties"]
    return properties


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("workspaces/local", "ResourceNotFound"),
        ("resourceGroups/local", "ResourceGroupNotFound"),
        ("subscriptions/0", "SubscriptionNotFound"),
    ],
)
def test_what_does_not_exist_is_named_by_its_code(client: Client, wrong: str, code: str) -> None:
    answer = client.get(WORKSPACE.replace(wrong, f"{wrong}9"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)


def test_an_expired_token_is_refused(client: Client) -> None:
    past = SystemClock().now() - timedelta(seconds=1)
    old = token.issue(client.connection.identity, past)
    answer = client.request("GET", WORKSPACE, headers={"Authorization": f"Bearer {old}"})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"


def test_the_token_outlives_a_moved_clock(client: Client) -> None:
    client.control("POST", "clock", {"advance": 10 * 365 * 24 * 3600})
    assert client.get(WORKSPACE).status_code == 200


def test_a_lazy_registry_comes_with_the_first_image(tmp_path: Path, settings: Settings) -> None:
    lazy = replace(settings, registry_is_lazy=True)
    with running(tmp_path, lazy) as emulator, closing(Client(emulator.connection)) as client:
        assert workspace(client)["containerRegistry"] is None
        assert "containerRegistryCredentials" not in client.request("POST", KEYS).json()
        assert client.get(REGISTRY).status_code == 404
        build(client, "my-img", [])
        assert workspace(client)["containerRegistry"] == REGISTRY
        assert "containerRegistryCredentials" in client.request("POST", KEYS).json()


def test_without_the_admin_user_there_are_no_keys(tmp_path: Path, settings: Settings) -> None:
    closed = replace(settings, registry_admin_enabled=False)
    with running(tmp_path, closed) as emulator, closing(Client(emulator.connection)) as client:
        assert "containerRegistryCredentials" not in client.request("POST", KEYS).json()
        assert client.get(REGISTRY).json()["properties"]["adminUserEnabled"] is False
        assert client.request("POST", f"{REGISTRY}/listCredentials").status_code == 400


def test_a_rotated_password_is_what_the_workspace_tells_next(client: Client) -> None:
    fresh = client.control("POST", "registry/rotate", {"name": "password"})["value"]
    keys = client.request("POST", KEYS).json()["containerRegistryCredentials"]
    assert keys["passwords"][0] == {"name": "password", "value": fresh}
