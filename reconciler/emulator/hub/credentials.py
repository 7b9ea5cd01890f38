"""How a device or a module proves who it is, as the registry keeps it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from reconciler.emulator.hub import refusal
from reconciler.emulator.hub.rows import Cell

KEY_BYTES = range(16, 65)
PRINTS = ("primaryThumbprint", "secondaryThumbprint")
PRINT = re.compile(r"[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}")
TYPES = {"sas", "selfSigned", "certificateAuthority", "none"}


def cells(authentication: object, seed: str) -> dict[str, Cell]:
    """Columns for an `authentication` body; keys are made where none is given.

    Generated keys follow from `seed`, so that a seeded fleet is the same each time.
    """
    given = authentication if isinstance(authentication, Mapping) else {}
    kind = given.get("type") or "sas"
    if kind not in TYPES:
        raise refusal.argument_invalid(f"authentication type {kind}")
    keys = _keys(given.get("symmetricKey") or {}, seed) if kind == "sas" else (None, None)
    thumbprints = _thumbprints(given.get("x509Thumbprint") or {}, kind)
    return {
        "auth_type": kind,
        "primary_key": keys[0],
        "secondary_key": keys[1],
        "primary_thumbprint": thumbprints.get("primaryThumbprint"),
        "secondary_thumbprint": thumbprints.get("secondaryThumbprint"),
    }


def body(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "symmetricKey": {
            "primaryKey": row["primary_key"],
            "secondaryKey": row["secondary_key"],
        },
        "x509Thumbprint": thumbprints(row),
        "type": row["auth_type"],
    }


def thumbprints(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "primaryThumbprint": row["primary_thumbprint"],
        "secondaryThumbprint": row["secondary_thumbprint"],
    }


def _thumbprints(given: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """Of SHA-1 or SHA-256; a self-signed device has at least one."""
    for name in PRINTS:
        if given.get(name) and not PRINT.fullmatch(str(given[name])):
            raise refusal.argument_invalid(f"The {name} is not a valid thumbprint")
    if kind == "selfSigned" and not any(given.get(name) for name in PRINTS):
        raise refusal.argument_invalid("A thumbprint is required for selfSigned authentication")
    return given


def _keys(given: Mapping[str, Any], seed: str) -> tuple[str, str]:
    primary, secondary = given.get("primaryKey"), given.get("secondaryKey")
    if not primary and not secondary:
        return _made(seed, "primary"), _made(seed, "secondary")
    if not (_is_key(primary) and _is_key(secondary)):
        raise refusal.argument_invalid("The device's keys must be base64 of 16 to 64 bytes")
    return str(primary), str(secondary)


def _is_key(text: object) -> bool:
    try:
        return len(base64.b64decode(str(text), validate=True)) in KEY_BYTES
    except binascii.Error:
        return False


def _made(seed: str, which: str) -> str:
    return base64.b64encode(hmac.digest(seed.encode(), which.encode(), hashlib.sha256)).decode()
