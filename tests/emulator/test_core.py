"""What every service of the emulator gets from its core."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
import requests

from reconciler.emulator.folder import FolderInUseError
from reconciler.emulator.server import Running, running
from tests.emulator.client import Client
from tests.emulator.workspace.rest import MANAGEMENT


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


def test_the_clock_does_not_go_back_in_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as emulator:
        emulator.context.clock.advance(3600)
        before = emulator.context.clock.now()
    with running(tmp_path) as emulator:
        assert emulator.context.clock.now() >= before


@pytest.mark.parametrize("body", [{}, {"advance": "1"}, {"now": 5}])
def test_a_clock_is_moved_by_seconds_or_to_a_moment(client: Client, body: dict[str, Any]) -> None:
    assert client.request("POST", "/_emulator/clock", json=body).status_code == 400


def test_a_fault_that_is_none_is_refused(client: Client) -> None:
    for rule in ({"match": "("}, {"matches": "x"}):
        assert client.request("POST", "/_emulator/faults", json=rule).status_code == 400
    assert client.control("GET", "faults") == {"rules": [], "held": 0}


def test_a_lost_answer_leaves_its_effect(client: Client) -> None:
    client.control("POST", "faults", {"match": "POST .*/assets", "drop_after": True})
    body = {"name": "x", "artifacts": []}
    with pytest.raises(requests.ConnectionError):
        client.request("POST", f"{MANAGEMENT}/assets", json=body)
    rows = client.control("GET", "snapshot")["record"]
    assert [row["kind"] for row in rows] == ["asset"]


def test_a_held_call_stops_everything_until_the_rules_are_gone(
    emulator: Running, client: Client
) -> None:
    client.control("POST", "faults", {"match": "models", "skip": 1, "hold": True})
    assert client.get(f"{MANAGEMENT}/models").status_code == 200
    for path in ("models", "images"):
        with pytest.raises(requests.ReadTimeout):
            client.session.get(f"{emulator.connection.url}{MANAGEMENT}/{path}", timeout=0.1)
    assert client.control("GET", "faults")["held"] == 2
    client.control("DELETE", "faults")
    assert client.get(f"{MANAGEMENT}/models").status_code == 200


def test_what_watches_writes_sees_each_before_its_answer(emulator: Running, client: Client) -> None:
    seen: list[int] = []
    emulator.context.watchers.append(
        lambda: seen.append(emulator.context.requests.summary()["writes"])
    )
    client.get(f"{MANAGEMENT}/models")
    client.request("POST", f"{MANAGEMENT}/assets", json={"name": "x"})
    assert seen == [1]


def test_calls_and_writes_are_counted_by_their_documented_names(client: Client) -> None:
    client.get(f"{MANAGEMENT}/models")
    client.request("POST", f"{MANAGEMENT}/assets", json={"name": "x"})
    summary = client.control("GET", "requests")
    counts = {row["operation"]: (row["count"], row["write"]) for row in summary["served"]}
    assert counts == {"ListModels": (1, False), "CreateAsset": (1, True)}
    assert summary["writes"] == 1
    assert client.control("DELETE", "requests")["served"] == []


def test_a_second_emulator_on_the_folder_is_refused(emulator: Running) -> None:
    state = emulator.connection.cloud_metadata.parent
    with pytest.raises(FolderInUseError, match=r"connection\.json"), running(state):
        pass
    assert (state / "connection.json").exists()


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
