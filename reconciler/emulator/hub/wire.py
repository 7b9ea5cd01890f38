"""How the hub writes times, ETags and JSON."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta, timezone
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""Any JSON value."""

NEVER = "0001-01-01T00:00:00Z"
_TICKS_EPOCH = datetime(1, 1, 1, tzinfo=timezone.utc)


def moment(now: datetime) -> str:
    """UTC with seven digits, as .NET prints it."""
    return now.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def parsed(moment: str) -> datetime:
    return datetime.strptime(moment[:26], "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=timezone.utc)


def ticks(now: datetime) -> str:
    """.NET ticks: 100 ns since the year 1."""
    return str((now - _TICKS_EPOCH) // timedelta(microseconds=1) * 10)


def counter_etag(version: int) -> str:
    """The ETag of identities and configurations: base64 of a decimal number."""
    return base64.b64encode(str(version).encode()).decode()


def twin_etag(version: int) -> str:
    """A twin's ETag: base64 of eight bytes, one behind the twin's version."""
    return base64.b64encode((version - 1).to_bytes(8, "big")).decode()


def dump(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def load(text: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(text)
    return content
