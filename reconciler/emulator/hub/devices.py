"""The identity registry: devices."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reconciler.emulator.hub import credentials, refusal, rows
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.rows import Cell
from reconciler.emulator.hub.wire import NEVER, counter_etag, dump, moment, ticks

IDENTIFIER = re.compile(r"[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}")
SYSTEM_MODULES = ("$edgeAgent", "$edgeHub")
FIRST_VERSION = 343060356
"""Identities count from some number; the service's recorded one serves as well as any."""


def get(db: sqlite3.Connection, device_id: str) -> dict[str, Any]:
    return body(existing(db, device_id))


def existing(db: sqlite3.Connection, device_id: str) -> sqlite3.Row:
    row = rows.find(db, device_id)
    if row is None:
        raise refusal.device_not_found(device_id)
    return row


def listed(db: sqlite3.Connection, top: int) -> list[dict[str, Any]]:
    query = "SELECT * FROM hub_identity WHERE module_id = '' ORDER BY device_id LIMIT ?"
    return [body(row) for row in db.execute(query, (top,))]


def put(
    db: sqlite3.Connection, device_id: str, given: Mapping[str, Any], match: Match, now: datetime
) -> dict[str, Any]:
    """Create only without `If-Match`, update only with it."""
    if match.is_absent:
        create(db, device_id, given, now)
        return _fresh(get(db, device_id))
    update(db, device_id, given, match, now)
    return get(db, device_id)


def create(db: sqlite3.Connection, device_id: str, given: Mapping[str, Any], now: datetime) -> None:
    if rows.find(db, device_id) is not None:
        raise refusal.device_exists(device_id)
    if not IDENTIFIER.fullmatch(device_id):
        raise refusal.argument_invalid(f"The device id {device_id!r} is invalid")
    edge = _edge(given)
    cells: dict[str, Cell] = {
        "device_id": device_id,
        "generation_id": ticks(now),
        "identity_version": FIRST_VERSION,
        "edge": edge,
        "status": _status(given),
        "status_reason": given.get("statusReason"),
        "desired_updated": moment(now),
        "reported_updated": moment(now),
        "changed_at": now.timestamp(),
        **_scopes(db, given, _scope(device_id, now) if edge else None),
        **credentials.cells(given.get("authentication"), f"{device_id}/{ticks(now)}"),
    }
    rows.insert(db, cells)
    db.execute("DELETE FROM hub_ghost WHERE device_id = ?", (device_id,))
    if edge:
        become_edge(db, device_id, now)
    rows.touch(db, rows.DEVICE, device_id, now)


def update(
    db: sqlite3.Connection, device_id: str, given: Mapping[str, Any], match: Match, now: datetime
) -> None:
    """A full replace: what the body leaves out is reset, keys included."""
    row = existing(db, device_id)
    match.check_identity(int(row["identity_version"]))
    edge = _edge(given)
    if row["edge"] and edge and given.get("deviceScope") != row["device_scope"]:
        raise refusal.invalid_scope("Device scope is immutable")
    own = (row["device_scope"] if row["edge"] else _scope(device_id, now)) if edge else None
    status = _status(given)
    version = int(row["identity_version"]) + 1
    cells: dict[str, Cell] = {
        "identity_version": version,
        "edge": edge,
        "status": status,
        "status_reason": given.get("statusReason"),
        "status_updated": row["status_updated"] if status == row["status"] else moment(now),
        "changed_at": now.timestamp(),
        **_scopes(db, given, own),
        **credentials.cells(given.get("authentication"), f"{device_id}/{version}"),
    }
    rows.update(db, device_id, "", cells)
    if edge:
        become_edge(db, device_id, now)
    rows.wake(db, device_id)
    rows.touch(db, rows.DEVICE, device_id, now)


def delete(db: sqlite3.Connection, device_id: str, match: Match, now: datetime) -> None:
    """The twin and the modules go too; queries may remember the device for a while."""
    if match.is_absent:
        raise refusal.precondition_failed("Etag missing")
    match.check_identity(int(existing(db, device_id)["identity_version"]))
    for statement in (
        "DELETE FROM hub_identity WHERE device_id = ?",
        "DELETE FROM hub_status WHERE device_id = ?",
        "DELETE FROM hub_target WHERE device_id = ?",
        "DELETE FROM hub_agent WHERE device_id = ?",
        "DELETE FROM hub_pending WHERE what = 'device' AND id = ?",
    ):
        db.execute(statement, (device_id,))
    db.execute("INSERT OR REPLACE INTO hub_ghost VALUES (?, ?)", (device_id, now.timestamp()))


def become_edge(db: sqlite3.Connection, device_id: str, now: datetime) -> None:
    """`$edgeAgent`, `$edgeHub` and, here, a simulated agent come with the capability."""
    for module_id in SYSTEM_MODULES:
        if rows.find(db, device_id, module_id) is None:
            rows.insert(db, module_cells(device_id, module_id, now))
    db.execute("INSERT OR IGNORE INTO hub_agent (device_id) VALUES (?)", (device_id,))


def module_cells(device_id: str, module_id: str, now: datetime) -> dict[str, Cell]:
    """A module identity as IoT Edge makes it."""
    return {
        "device_id": device_id,
        "module_id": module_id,
        "generation_id": ticks(now),
        "identity_version": FIRST_VERSION,
        "managed_by": "iotEdge",
        "desired_updated": moment(now),
        "reported_updated": moment(now),
        "changed_at": now.timestamp(),
    }


def body(row: sqlite3.Row) -> dict[str, Any]:
    """A device on the wire."""
    told = {
        "deviceId": row["device_id"],
        "generationId": row["generation_id"],
        "etag": counter_etag(row["identity_version"]),
        "connectionState": row["connection_state"],
        "status": row["status"],
        "statusReason": row["status_reason"],
        "connectionStateUpdatedTime": row["connection_state_updated"],
        "statusUpdatedTime": row["status_updated"],
        "lastActivityTime": row["last_activity"],
        "cloudToDeviceMessageCount": 0,
        "authentication": credentials.body(row),
        "capabilities": {"iotEdge": bool(row["edge"])},
    }
    return told | scopes(row)


def scopes(row: sqlite3.Row) -> dict[str, Any]:
    from_hub = {"deviceScope": row["device_scope"]} if row["device_scope"] else {}
    return from_hub | {"parentScopes": json.loads(row["parent_scopes"])}


def _fresh(device: dict[str, Any]) -> dict[str, Any]:
    """The answer to a create writes the year 1 without a Z; later answers have it."""
    return {key: NEVER[:-1] if value == NEVER else value for key, value in device.items()}


def _edge(given: Mapping[str, Any]) -> bool:
    return bool((given.get("capabilities") or {}).get("iotEdge", False))


def _status(given: Mapping[str, Any]) -> str:
    status = given.get("status") or "enabled"
    if status not in {"enabled", "disabled"}:
        raise refusal.argument_invalid(f"status {status}")
    return str(status)


def _scope(device_id: str, now: datetime) -> str:
    return f"ms-azure-iot-edge://{device_id}-{ticks(now)}"


def _scopes(db: sqlite3.Connection, given: Mapping[str, Any], own: str | None) -> dict[str, Cell]:
    """An edge device has its own scope; a leaf's is its parent's, mirrored as the only parent."""
    leaf = None if own else given.get("deviceScope") or None
    parents = [leaf] if leaf else list(given.get("parentScopes") or [])
    query = "SELECT 1 FROM hub_identity WHERE module_id = '' AND edge AND device_scope = ?"
    for parent in parents:
        if db.execute(query, (parent,)).fetchone() is None:
            raise refusal.invalid_scope(f"No edge device has the scope {parent}")
    return {"device_scope": own or leaf, "parent_scopes": dump(parents)}
