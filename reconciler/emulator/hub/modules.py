"""The identity registry: modules."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reconciler.emulator.hub import credentials, devices, refusal, rows
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.rows import Cell
from reconciler.emulator.hub.wire import counter_etag

MAX_MODULES = 50


def get(db: sqlite3.Connection, device_id: str, module_id: str) -> dict[str, Any]:
    _enabled(db, device_id)
    return body(_existing(db, device_id, module_id))


def listed(db: sqlite3.Connection, device_id: str) -> list[dict[str, Any]]:
    _enabled(db, device_id)
    query = "SELECT * FROM hub_identity WHERE device_id = ? AND module_id <> '' ORDER BY module_id"
    return [body(row) for row in db.execute(query, (device_id,))]


def create(
    db: sqlite3.Connection,
    key: tuple[str, str],
    given: Mapping[str, Any],
    hub: str,
    now: datetime,
) -> None:
    device_id, module_id = key
    _enabled(db, device_id)
    if rows.find(db, device_id, module_id) is not None:
        raise refusal.module_exists(device_id, module_id, hub)
    if module_id.startswith("$") or not devices.IDENTIFIER.fullmatch(module_id):
        raise refusal.argument_invalid(f"The module id {module_id!r} is invalid")
    count = "SELECT count(*) FROM hub_identity WHERE device_id = ? AND module_id <> ''"
    if db.execute(count, (device_id,)).fetchone()[0] >= MAX_MODULES:
        raise refusal.too_many_modules(MAX_MODULES)
    cells = devices.module_cells(device_id, module_id, now) | _given(given, module_id)
    rows.insert(db, cells)


def update(
    db: sqlite3.Connection,
    key: tuple[str, str],
    given: Mapping[str, Any],
    match: Match,
    now: datetime,
) -> None:
    device_id, module_id = key
    _enabled(db, device_id)
    row = _existing(db, device_id, module_id)
    match.check_identity(int(row["identity_version"]))
    if module_id.startswith("$"):
        raise refusal.argument_invalid(f"The module id {module_id!r} is reserved")
    version = int(row["identity_version"]) + 1
    cells: dict[str, Cell] = {
        "identity_version": version,
        "changed_at": now.timestamp(),
        **_given(given, f"{module_id}/{version}"),
    }
    rows.update(db, device_id, module_id, cells)


def delete(db: sqlite3.Connection, device_id: str, module_id: str, match: Match) -> None:
    _enabled(db, device_id)
    if match.is_absent:
        raise refusal.precondition_failed("Etag missing")
    match.check_identity(int(_existing(db, device_id, module_id)["identity_version"]))
    if module_id.startswith("$"):
        raise refusal.argument_invalid(f"The module id {module_id!r} is reserved")
    db.execute(
        "DELETE FROM hub_identity WHERE device_id = ? AND module_id = ?", (device_id, module_id)
    )
    db.execute(
        "DELETE FROM hub_status WHERE device_id = ? AND module_id = ?", (device_id, module_id)
    )


def body(row: sqlite3.Row) -> dict[str, Any]:
    """A module on the wire."""
    return {
        "moduleId": row["module_id"],
        "managedBy": row["managed_by"],
        "deviceId": row["device_id"],
        "generationId": row["generation_id"],
        "etag": counter_etag(row["identity_version"]),
        "connectionState": row["connection_state"],
        "connectionStateUpdatedTime": row["connection_state_updated"],
        "lastActivityTime": row["last_activity"],
        "cloudToDeviceMessageCount": 0,
        "authentication": credentials.body(row),
    }


def _given(given: Mapping[str, Any], seed: str) -> dict[str, Cell]:
    cells = credentials.cells(given.get("authentication"), seed)
    return cells | {"managed_by": given.get("managedBy")}


def _enabled(db: sqlite3.Connection, device_id: str) -> None:
    """A missing or disabled device answers 401 here, where the rest of the hub says 404."""
    row = rows.find(db, device_id)
    if row is None or row["status"] != "enabled":
        raise refusal.unauthorized()


def _existing(db: sqlite3.Connection, device_id: str, module_id: str) -> sqlite3.Row:
    row = rows.find(db, device_id, module_id)
    if row is None:
        raise refusal.module_not_found(device_id, module_id)
    return row
