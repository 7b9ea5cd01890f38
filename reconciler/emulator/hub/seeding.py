"""Putting a fleet of devices into the hub from JSON lines."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from reconciler.emulator.errors import ServiceError
from reconciler.emulator.hub import agents, behaviour, devices, modules, rows, twins
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.twins import Change


def seed(
    db: sqlite3.Connection, lines: Iterable[Mapping[str, Any]], hub: str, now: datetime
) -> int:
    """Devices that are not there yet; returns how many lines there were.

    `{"deviceId": "a", "edge": true, "tags": {...}, "modules": [...], "agent": "offline",
    "status": "disabled"}`: all but the id may be left out. A device that exists keeps what it has,
    so that a fleet can be seeded at every start.
    """
    count = 0
    for line in lines:
        device_id = line.get("deviceId") or line.get("id")
        if not device_id:
            raise ServiceError(400, "BadSeed", f"no deviceId in {line}")
        if rows.find(db, device_id) is None:
            _create(db, str(device_id), line, hub, now)
        count += 1
    return count


def _create(
    db: sqlite3.Connection, device_id: str, line: Mapping[str, Any], hub: str, now: datetime
) -> None:
    edge = bool(line.get("edge", True))
    given = {"capabilities": {"iotEdge": edge}, "status": line.get("status", "enabled")}
    devices.create(db, device_id, given, now)
    for module_id in line.get("modules", ()):
        modules.create(db, (device_id, module_id), {}, hub, now)
    if tags := line.get("tags"):
        change = Change({"tags": tags}, replaces=False, match=Match(), now=now)
        twins.write(db, device_id, "", change)
    if edge and "agent" in line:
        agents.instruct(db, [device_id], behaviour.parse(line["agent"]))
