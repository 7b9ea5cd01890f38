"""Device and module twins."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciler.emulator.hub import credentials, devices, limits, metadata, refusal, rows
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.rows import Cell
from reconciler.emulator.hub.wire import counter_etag, dump, load, moment, twin_etag


@dataclass(frozen=True)
class Change:
    """A request to write a twin: a merge patch, or a replacement of its writable sections."""

    given: Mapping[str, Any]
    replaces: bool
    match: Match
    now: datetime


def get(db: sqlite3.Connection, device_id: str, module_id: str = "") -> dict[str, Any]:
    row = existing(db, device_id, module_id)
    return body(row, statuses(db, row))


def existing(db: sqlite3.Connection, device_id: str, module_id: str) -> sqlite3.Row:
    """A missing module's twin is reported as a missing device, too."""
    row = rows.find(db, device_id, module_id)
    if row is None:
        raise refusal.device_not_found(device_id)
    return row


def write(db: sqlite3.Connection, device_id: str, module_id: str, change: Change) -> None:
    """Tags and desired properties; whatever else the body says is ignored."""
    row = existing(db, device_id, module_id)
    change.match.check_twin(device_id, int(row["version"]))
    cells: dict[str, Cell] = {
        "version": int(row["version"]) + 1,
        "changed_at": change.now.timestamp(),
        **_tags(row, change),
        **_desired(row, change),
    }
    rows.update(db, device_id, module_id, cells)
    rows.touch(db, rows.DEVICE, device_id, change.now)
    if module_id in devices.SYSTEM_MODULES:
        rows.wake(db, device_id)


def body(row: sqlite3.Row, applied: Mapping[str, str]) -> dict[str, Any]:
    """A twin on the wire."""
    properties = {"desired": desired(row), "reported": reported(row)}
    return envelope(row, applied) | {"properties": properties}


def without_metadata(row: sqlite3.Row, applied: Mapping[str, str]) -> dict[str, Any]:
    """A twin for projections that do not look at `$metadata`, which takes time to build."""
    properties = {
        name: load(row[name]) | {"$version": row[f"{name}_version"]}
        for name in ("desired", "reported")
    }
    return envelope(row, applied) | {"properties": properties}


def envelope(row: sqlite3.Row, applied: Mapping[str, str]) -> dict[str, Any]:
    """A twin without its properties."""
    module = {"moduleId": row["module_id"]} if row["module_id"] else {}
    told: dict[str, Any] = {
        "deviceId": row["device_id"],
        **module,
        "etag": twin_etag(row["version"]),
        "deviceEtag": counter_etag(row["identity_version"]),
        "status": row["status"],
        "statusUpdateTime": row["status_updated"],
        "connectionState": row["connection_state"],
        "lastActivityTime": row["last_activity"],
        "cloudToDeviceMessageCount": 0,
        "authenticationType": row["auth_type"],
        "x509Thumbprint": _thumbprints(row),
        "modelId": row["model_id"],
        "version": row["version"],
    }
    if row["tags"] != "{}":
        told["tags"] = load(row["tags"])
    if applied:
        told["configurations"] = {id_: {"status": status} for id_, status in applied.items()}
    if not module:
        told |= {"capabilities": {"iotEdge": bool(row["edge"])}} | devices.scopes(row)
    return told


def desired(row: sqlite3.Row) -> dict[str, Any]:
    """The desired section with its `$metadata` and `$version`."""
    content = load(row["desired"])
    return content | {
        "$metadata": metadata.of_desired(row, content),
        "$version": row["desired_version"],
    }


def reported(row: sqlite3.Row) -> dict[str, Any]:
    content = load(row["reported"])
    stamp = {metadata.UPDATED: row["reported_updated"]}
    return content | {
        "$metadata": metadata.uniform(content, stamp),
        "$version": row["reported_version"],
    }


def statuses(db: sqlite3.Connection, row: sqlite3.Row) -> dict[str, str]:
    """What each configuration is to this twin: `Applied` or `Targeted`."""
    query = (
        "SELECT configuration_id, status FROM hub_status"
        " WHERE device_id = ? AND module_id = ? ORDER BY configuration_id"
    )
    return dict(map(tuple, db.execute(query, (row["device_id"], row["module_id"]))))


def merged(content: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """JSON merge patch: null deletes, objects merge, anything else replaces."""
    told = dict(content)
    for key, value in patch.items():
        if value is None:
            told.pop(key, None)
        elif isinstance(value, Mapping):
            before = told.get(key)
            told[key] = merged(before if isinstance(before, Mapping) else {}, value)
        else:
            told[key] = value
    return told


def _tags(row: sqlite3.Row, change: Change) -> dict[str, Cell]:
    patch = change.given.get("tags")
    if patch is None and not change.replaces:
        return {}
    content = merged({} if change.replaces else load(row["tags"]), _section("tags", patch))
    limits.check_section("tags", content)
    return {"tags": dump(content)}


def _desired(row: sqlite3.Row, change: Change) -> dict[str, Cell]:
    patch = (change.given.get("properties") or {}).get("desired")
    if patch is None and not change.replaces:
        return {}
    patch = _section("properties.desired", patch)
    before = {} if change.replaces else load(row["desired"])
    content = merged(before, patch)
    limits.check_section("properties.desired", content)
    version = int(row["desired_version"]) + 1
    stamp = {metadata.UPDATED: moment(change.now), metadata.VERSION: version}
    noted = metadata.of_desired(row, before) if before else {}
    return {
        "desired": dump(content),
        "desired_version": version,
        "desired_updated": moment(change.now),
        "desired_metadata": dump(metadata.patched(noted, patch, stamp)),
    }


def _section(name: str, patch: object) -> dict[str, Any]:
    """Without what the service itself writes into a section."""
    if patch is None:
        return {}
    if not isinstance(patch, Mapping):
        raise refusal.argument_invalid(f"{name} must be an object")
    return {key: value for key, value in patch.items() if key not in {"$metadata", "$version"}}


def _thumbprints(row: sqlite3.Row) -> dict[str, Any]:
    """With thumbprints set, the twin spells them with a capital."""
    told = credentials.thumbprints(row)
    if not any(told.values()):
        return told
    return {key[0].upper() + key[1:]: value for key, value in told.items()}
