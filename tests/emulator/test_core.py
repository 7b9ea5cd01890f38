"""What every service of the emulator gets from its core."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import requests

from reconciler.emulator.folder import FolderInUseError
from reconciler.emulator.server import Running, running
from tests.emulator.client import Client


def test_an_unknown_call_answers_501_and_is_counted(client: Client) -> None:
    response = client.get("/jobs/v2/x?api-version=2021-04-12")
    assert response.status_code == 501
    assert "GET /jobs/v2/x (api-version 2021-04-12)" in response.text
    assert client.control("GET", "requests")["unknown"] == [
        {"method": "GET", "path": "/jobs/v2/x", "apiVersion": "2021-04-12", "count": 1}
    ]


def test_a_wrong_method_is_an_unknown_call(client: Client) -> None:
    assert client.request("DELETE", "/subscriptions").status_code == 501


def test_the_clock_moves_only_when_told(client: Client) -> None:
    client.control("POST", "clock", {"advance": 90})
    assert client.control("GET", "clock") == {"now": "2026-01-01T12:01:30+00:00"}


def test_a_second_emulator_on_the_folder_is_refused(emulator: Running, tmp_path: Path) -> None:
    with pytest.raises(FolderInUseError, match=r"connection\.json"), running(tmp_path / "state"):
        pass
    assert emulator.connection.cloud_metadata.exists()


def test_connection_json_is_private_and_gone_after_a_clean_end(tmp_path: Path) -> None:
    path = tmp_path / "connection.json"
    with running(tmp_path) as emulator:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
        assert json.loads(path.read_text()) == emulator.connection.json()
    assert not path.exists()


def test_port_keys_and_state_survive_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as emulator:
        first = emulator.connection
        emulator.context.store.set_setting("kept", "yes")
    with running(tmp_path) as emulator:
        assert emulator.connection.url == first.url
        assert emulator.connection.hub_connection_string == first.hub_connection_string
        assert emulator.context.store.setting("kept") == "yes"


def test_a_crash_inside_a_transaction_leaves_no_trace(emulator: Running) -> None:
    store = emulator.context.store

    def half() -> None:
        with store.transaction():
            store.set_setting("half", "done")
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        half()
    assert store.setting("half") is None


def test_a_dropped_connection_has_no_answer(client: Client) -> None:
    client.control("POST", "faults", {"match": "GET /subscriptions", "drop": True})
    with pytest.raises(requests.ConnectionError):
        client.get("/subscriptions?api-version=2022-12-01")
    assert client.get("/subscriptions?api-version=2022-12-01").status_code == 200


def test_a_fault_answers_in_place_of_the_service(client: Client) -> None:
    rule = {"match": "subscriptions", "status": 429, "headers": {"Retry-After": "3"}, "times": 2}
    client.control("POST", "faults", rule)
    answers = [client.get("/subscriptions?api-version=2022-12-01") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "3"
