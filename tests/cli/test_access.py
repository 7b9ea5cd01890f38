"""The hub cannot be reached or does not let us in: what is said, and with which exit code."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.cli.cloud import Cloud
from tests.cli.fleets import Workshop
from tests.cli.person import Person, Said

WRONG_KEY = "d3Jvbmcta2V5LXRoYXQtaXMtbm90LXRoZS1odWJzLWtleQ=="
TIER = "OperationNotAvailableInCurrentTier"
UNAUTHORIZED = {"Message": "ErrorCode:IotHubUnauthorizedAccess;Unauthorized"}


def policy(cloud: Cloud, key: str, name: str = "iothubowner") -> str:
    return f"HostName={cloud.host};SharedAccessKeyName={name};SharedAccessKey={key}"


def told(said: Said, code: str, *parts: str) -> None:
    """Nothing on stdout; on stderr the reason, the environment and a hint, each with its part."""
    assert (said.name, said.out) == (code, ""), said.err
    reason, place, hint = said.err.splitlines()
    assert reason.startswith("error: ")
    assert place.startswith("  environment: test (hub ")
    assert hint.startswith("  hint: ")
    assert [part for part in parts if part not in said.err] == []


def test_a_wrong_key_is_denied(person: Person, cloud: Cloud) -> None:
    said = person.having(IOTHUB_CONNECTION_STRING=policy(cloud, WRONG_KEY)).runs("plan")
    told(said, "DENIED", "IotHubUnauthorizedAccess: Unauthorized (HTTP 401)", "key is current")
    assert cloud.host in said.err


def test_a_policy_that_the_hub_does_not_know_is_denied(person: Person, cloud: Cloud) -> None:
    given = policy(cloud, WRONG_KEY, "nobody")
    told(person.having(IOTHUB_CONNECTION_STRING=given).runs("plan"), "DENIED", "HTTP 401")


def test_a_key_that_was_cut_off_is_denied_before_anything_is_sent(
    person: Person, cloud: Cloud
) -> None:
    cloud.forget_requests()
    said = person.having(IOTHUB_CONNECTION_STRING=policy(cloud, WRONG_KEY[:-3])).runs("plan")
    told(said, "DENIED", "the connection string is not valid", "az iot hub connection-string show")
    assert cloud.served() == {}


def test_no_identity_is_denied(
    person: Person, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "\n    connectionString: {secretRef: {env: IOTHUB_CONNECTION_STRING}}"
    workshop.edit("environment.yaml", lines, "")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    told(person.runs("plan"), "DENIED", "failed to retrieve a token", "az login")


def test_a_connection_string_that_is_not_set_is_named(person: Person) -> None:
    said = person.having(IOTHUB_CONNECTION_STRING="").runs("plan")
    told(said, "ERROR", "IOTHUB_CONNECTION_STRING is not set", "hint: set IOTHUB_CONNECTION_STRING")


def test_a_text_that_is_no_connection_string_is_not_repeated(person: Person) -> None:
    said = person.having(IOTHUB_CONNECTION_STRING="hunter2").runs("plan")
    told(said, "ERROR", "holds no connection string of a hub", "copy it again")
    assert "hunter2" not in said.err


def test_the_connection_string_of_another_hub_is_refused(person: Person, cloud: Cloud) -> None:
    other = cloud.connection_string.replace(cloud.host, "other.azure-devices.net")
    cloud.forget_requests()
    said = person.having(IOTHUB_CONNECTION_STRING=other).runs("plan")
    told(said, "ERROR", "is for another hub (other.azure-devices.net)", "choose the environment")
    assert cloud.served() == {}


def test_a_certificate_that_is_not_trusted_is_refused(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "no-certificates.pem"
    empty.touch()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(empty))
    told(person.runs("plan"), "ERROR", "certificate", "set REQUESTS_CA_BUNDLE to your CA")


def test_a_file_of_certificates_that_is_not_there_is_named(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/does/not/exist.pem")
    told(person.runs("plan"), "ERROR", "/does/not/exist.pem", "REQUESTS_CA_BUNDLE")


def test_a_hub_that_does_not_listen_is_told(
    person: Person, workshop: Workshop, cloud: Cloud
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"127.0.0.1:{free.getsockname()[1]}"
    workshop.edit("environment.yaml", cloud.host, nowhere)
    given = cloud.connection_string.replace(cloud.host, nowhere)
    said = person.having(IOTHUB_CONNECTION_STRING=given).runs("plan")
    told(said, "ERROR", "does not accept connections", "check the host name", nowhere)


def test_a_hub_of_the_basic_tier_is_told(person: Person, cloud: Cloud) -> None:
    cloud.answers(
        "GET /configurations",
        status=403,
        body=f'{{"Message": "ErrorCode:{TIER};Not available."}}',
        headers={"iothub-errorcode": TIER},
    )
    told(person.runs("plan"), "ERROR", TIER, "the free or the standard tier")


def test_a_proxy_that_answers_in_the_hub_s_place_is_told(person: Person, cloud: Cloud) -> None:
    cloud.answers("GET /configurations", status=200, body="<html>Please sign in</html>")
    said = person.runs("plan")
    assert (said.name, said.out) == ("ERROR", "")
    assert "the answer is not JSON; is there a proxy in between?" in said.err


def test_a_right_that_only_reads_lets_apply_fail_with_the_change_named(
    person: Person, cloud: Cloud
) -> None:
    cloud.answers(
        "PUT /configurations", status=403, body='{"Message": "ErrorCode:Forbidden;No write right"}'
    )
    said = person.runs("apply", "--auto-approve")
    assert said.name == "DENIED"
    assert "failed  Deployment/sensor" in said.out
    assert "No write right" in said.out
    assert "IoT Hub Data Contributor" in said.out
    assert "0 added, 0 changed, 0 destroyed. 1 not done." in said.out
