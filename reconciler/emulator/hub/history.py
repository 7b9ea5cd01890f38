"""What happened on devices, and when: for tests that ask about every moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from reconciler.emulator.hub.wire import moment


class Event(Enum):
    BASE_APPLIED = "base-applied"
    BASE_NONE = "base-none"
    MANIFEST_REFUSED = "manifest-refused"
    MODULE_STARTED = "module-started"
    MODULE_STOPPED = "module-stopped"
    MODULE_REMOVED = "module-removed"
    MODULE_CRASHED = "module-crashed"
    PULL_FAILED = "pull-failed"


@dataclass(frozen=True)
class Happening:
    """`subject` is a configuration or a module; `detail` a manifest's digest or an image."""

    event: Event
    subject: str = ""
    detail: str = ""


def record_batch(db: sqlite3.Connection, happenings: Iterable[Happening], now: datetime) -> None:
    """The same for every device in `hub_batch`."""
    for happening in happenings:
        db.execute(
            "INSERT INTO hub_history (at, device_id, event, subject, detail)"
            " SELECT ?, device_id, ?, ?, ? FROM hub_batch ORDER BY device_id",
            (moment(now), happening.event.value, happening.subject, happening.detail),
        )


def listed(db: sqlite3.Connection, wanted: Mapping[str, str]) -> list[dict[str, Any]]:
    """Oldest first; `wanted` may name a device, an event and a subject."""
    query = (
        "SELECT id, at, device_id AS deviceId, event, subject, detail FROM hub_history"
        " WHERE coalesce(:device, device_id) = device_id AND coalesce(:event, event) = event"
        " AND coalesce(:subject, subject) = subject ORDER BY id"
    )
    given = {name: wanted.get(name) for name in ("device", "event", "subject")}
    return [dict(row) for row in db.execute(query, given)]
