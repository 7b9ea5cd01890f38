"""Who may call the hub: shared access signatures, and bearer tokens of the emulated directory.

A signature is HMAC-SHA256 over the resource as transmitted, a line feed and the expiry; clients
encode the resource each in their own way.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto
from urllib.parse import unquote, unquote_plus

from reconciler.emulator import token
from reconciler.emulator.context import Context
from reconciler.emulator.endpoint import Call
from reconciler.emulator.hub import refusal
from reconciler.emulator.identity import Identity

SCHEME = "SharedAccessSignature "
AUDIENCE = "https://iothubs.azure.net"


class Right(Flag):
    REGISTRY_READ = auto()
    REGISTRY_WRITE = auto()
    SERVICE_CONNECT = auto()


POLICIES = {
    "iothubowner": Right.REGISTRY_READ | Right.REGISTRY_WRITE | Right.SERVICE_CONNECT,
    "service": Right.SERVICE_CONNECT,
    "registryRead": Right.REGISTRY_READ,
    "registryReadWrite": Right.REGISTRY_READ | Right.REGISTRY_WRITE,
}


@dataclass(frozen=True)
class Signature:
    resource: str
    signature: str
    expiry: str
    policy: str


def requires(right: Right) -> Callable[[Call], None]:
    """The check of routes that need this right; raises 401 as the hub does."""

    def authorize(call: Call) -> None:
        header = call.headers.get("Authorization", "")
        if header.startswith(SCHEME):
            given = _signed(call.context, header, call.headers.get("Host", ""))
        else:
            given = _borne(call.context, header)
        if right not in given:
            raise refusal.unauthorized()

    return authorize


def keys(identity: Identity, policy: str) -> tuple[str, str]:
    """A policy's primary and secondary key; all but the owner's are derived from the hub's."""
    own = (identity.hub_primary_key, identity.hub_secondary_key)
    if policy == "iothubowner":
        return own
    primary, secondary = (
        hmac.digest(base64.b64decode(key), policy.encode(), hashlib.sha256) for key in own
    )
    return base64.b64encode(primary).decode(), base64.b64encode(secondary).decode()


def _borne(context: Context, header: str) -> Right:
    """A token of the emulated directory, issued for IoT Hub."""
    scheme, _, credential = header.partition(" ")
    if scheme.lower() != "bearer":
        return Right(0)
    try:
        said = token.claims(context.identity, credential, context.client_clock.now())
    except (ValueError, KeyError):
        return Right(0)
    if said is None or str(said.get("aud", "")).rstrip("/") != AUDIENCE:
        return Right(0)
    return POLICIES["iothubowner"]


def _signed(context: Context, header: str, host: str) -> Right:
    signature = _parsed(header.removeprefix(SCHEME))
    if signature is None or signature.policy not in POLICIES:
        return Right(0)
    expected = keys(context.identity, signature.policy)
    if not _is_current(context, signature) or not _is_for(signature, {host, context.host}):
        return Right(0)
    if not any(_matches(signature, key) for key in expected):
        return Right(0)
    return POLICIES[signature.policy]


def _parsed(text: str) -> Signature | None:
    """None for a token with missing or repeated fields."""
    fields = [field.partition("=") for field in text.split("&")]
    named = {name: value for name, _, value in fields}
    if len(named) != len(fields) or not {"sr", "sig", "se", "skn"} <= set(named):
        return None
    return Signature(named["sr"], unquote(named["sig"]), named["se"], unquote(named["skn"]))


def _is_current(context: Context, signature: Signature) -> bool:
    now = context.client_clock.now().timestamp()
    return signature.expiry.isdigit() and int(signature.expiry) > now


def _is_for(signature: Signature, hosts: set[str]) -> bool:
    """The resource may be the host with or without its port, and go on with a path."""
    named = unquote_plus(signature.resource).lower().partition("/")[0]
    names = {host.lower() for host in hosts}
    return named in names | {name.rpartition(":")[0] for name in names if ":" in name}


def _matches(signature: Signature, key: str) -> bool:
    text = f"{signature.resource}\n{signature.expiry}".encode()
    try:
        expected = hmac.digest(base64.b64decode(key), text, hashlib.sha256)
        return hmac.compare_digest(base64.b64decode(signature.signature), expected)
    except binascii.Error:
        return False
