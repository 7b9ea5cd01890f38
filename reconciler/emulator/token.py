"""Bearer tokens: JSON web tokens signed with the emulator's own key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from reconciler.emulator.identity import Identity


def issue(identity: Identity, expires: datetime, **claims: str) -> str:
    """A token with the claims that the Azure ML SDK reads (`tid`, `exp`) and some of its own."""
    body = {
        "tid": identity.tenant_id,
        "oid": "00000000-0000-4000-8000-0000000000aa",
        "name": "local",
        "exp": int(expires.timestamp()),
        **claims,
    }
    unsigned = f"{_encode({'alg': 'HS256', 'typ': 'JWT'})}.{_encode(body)}"
    return f"{unsigned}.{_signature(identity, unsigned)}"


def claims(identity: Identity, token: str, now: datetime) -> dict[str, Any] | None:
    """What a token says, or None when it is forged, malformed or expired."""
    unsigned, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature, _signature(identity, unsigned)):
        return None
    said: dict[str, Any] = json.loads(_decode(unsigned.partition(".")[2]))
    return said if said["exp"] > now.timestamp() else None


def _signature(identity: Identity, unsigned: str) -> str:
    digest = hmac.digest(identity.signing_key.encode(), unsigned.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _encode(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
