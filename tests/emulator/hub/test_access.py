"""Shared access signatures and bearer tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta, timezone
from typing import NamedTuple
from urllib.parse import quote, quote_plus, urlencode

import pytest

from reconciler.emulator import token
from reconciler.emulator.hub.access import keys
from reconciler.emulator.server import Running
from tests.emulator.client import Client
from tests.emulator.hub.fleet import Hub


class AccessToken(NamedTuple):
    token: str
    expires_on: int


DEVICES = "/devices?api-version=2021-04-12"
UNTIL = 4102444800


def signature(key: str, resource: str, until: str) -> str:
    text = f"{resource}\n{until}".encode()
    return base64.b64encode(hmac.digest(base64.b64decode(key), text, hashlib.sha256)).decode()


def signed(emulator: Running, resource: str = "", until: str = str(UNTIL)) -> str:
    """As the Python SDK writes it."""
    resource = resource or quote_plus(emulator.connection.host)
    sig = quote(signature(emulator.context.identity.hub_primary_key, resource, until))
    return f"SharedAccessSignature sr={resource}&sig={sig}&se={until}&skn=iothubowner"


def status(client: Client, authorization: str, path: str = DEVICES) -> int:
    return client.request("GET", path, headers={"Authorization": authorization}).status_code


def test_the_sdk_gets_in_with_either_key(hub: Hub) -> None:
    for which in (0, 1):
        assert hub.as_policy("iothubowner", which).get_devices() == []


def test_tokens_of_other_clients_get_in(emulator: Running, client: Client) -> None:
    host, key = emulator.connection.host, emulator.context.identity.hub_primary_key
    raw_host = f"sr={host}&sig={quote(signature(key, host, str(UNTIL)), safe='')}"
    node = f"SharedAccessSignature {raw_host}&skn=iothubowner&se={UNTIL}"
    go = signed(emulator, quote_plus(f"{host}/devices"))
    without_port = signed(emulator, "127.0.0.1")
    assert [status(client, each) for each in (node, go, without_port)] == [200, 200, 200]


def test_a_signature_must_be_right_current_and_for_this_hub(
    emulator: Running, client: Client
) -> None:
    good = signed(emulator)
    yesterday = int((datetime.now(timezone.utc) - timedelta(days=1)).timestamp())  # noqa: TID251 - clients stamp their own time
    refused = [
        good.replace("sig=", "sig=AAAA"),
        good.replace("iothubowner", "service"),
        good.replace("iothubowner", "nobody"),
        good + "&se=1",
        good.replace("&skn=iothubowner", ""),
        signed(emulator, until=str(yesterday)),
        signed(emulator, until="soon"),
        signed(emulator, quote_plus("other.azure-devices.net")),
        "",
        "Basic abc",
    ]
    assert [status(client, each) for each in refused] == [401] * len(refused)
    assert status(client, good) == 200


def test_a_bad_key_answers_as_the_hub_does(emulator: Running, client: Client) -> None:
    broken = signed(emulator).replace("sig=", "sig=AAAA")
    answer = client.request("GET", DEVICES, headers={"Authorization": broken})
    assert answer.headers["iothub-errorcode"] == "IotHubUnauthorizedAccess"
    assert answer.json()["Message"] == "ErrorCode:IotHubUnauthorizedAccess;Unauthorized"
    assert answer.json()["ExceptionMessage"].startswith("Tracking ID:")


@pytest.mark.parametrize(
    ("policy", "reads", "writes", "twins"),
    [
        ("registryRead", True, False, False),
        ("registryReadWrite", True, True, False),
        ("service", False, False, True),
    ],
)
def test_a_policy_gives_its_rights_and_no_others(
    hub: Hub, policy: str, *, reads: bool, writes: bool, twins: bool
) -> None:
    hub.seed({"deviceId": "a"})
    manager = hub.as_policy(policy)

    def allowed(call: object) -> bool:
        assert callable(call)
        try:
            call()
        except hub.error as error:
            assert error.response.status_code == 401  # noqa: PT017 - no refusal is an answer, too
            return False
        return True

    assert allowed(lambda: manager.get_device("a")) is reads
    assert allowed(lambda: manager.delete_device("a")) is writes
    hub.seed({"deviceId": "a"})
    assert allowed(lambda: manager.get_twin("a")) is twins


def test_policies_have_keys_of_their_own(emulator: Running) -> None:
    identity = emulator.context.identity
    named = [keys(identity, policy) for policy in ("iothubowner", "service", "registryRead")]
    assert len({key for pair in named for key in pair}) == 6


class SignedIn:
    """What `azure.identity`'s credentials are to the SDK: asks the emulated directory."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def get_token(self, *scopes: str) -> AccessToken:
        form = {
            "grant_type": "client_credentials",
            "client_id": "anybody",
            "client_secret": self.hub.emulator.context.identity.client_secret,
            "scope": " ".join(scopes),
        }
        path = "/tenant/oauth2/v2.0/token"
        told = self.hub.client.request("POST", path, data=urlencode(form).encode()).json()
        return AccessToken(told["access_token"], told["expires_in"])


def test_the_sdk_gets_in_with_a_token_of_the_directory(hub: Hub) -> None:
    manager = hub.trusting(
        hub.sdk.IoTHubRegistryManager.from_token_credential(
            hub.emulator.connection.host, SignedIn(hub)
        )
    )
    assert manager.get_devices() == []


def test_a_token_for_iot_hub_is_accepted_and_others_are_not(
    emulator: Running, client: Client
) -> None:
    identity, until = emulator.context.identity, datetime(2100, 1, 1, tzinfo=timezone.utc)
    ours = token.issue(identity, until, aud="https://iothubs.azure.net")
    other = token.issue(identity, until, aud="https://management.azure.com")
    old = token.issue(
        identity, datetime(2020, 1, 1, tzinfo=timezone.utc), aud="https://iothubs.azure.net"
    )
    bearers = [ours, other, old, ours + "x", "nonsense", emulator.connection.token]
    assert [status(client, f"Bearer {each}") for each in bearers] == [200, 401, 401, 401, 401, 401]
