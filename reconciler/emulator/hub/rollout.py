"""Carrying deployments out: merged desired properties go into twins, statuses follow."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciler.emulator.hub import devices, history, limits, metadata, targeting
from reconciler.emulator.hub.content import AGENT, Setting
from reconciler.emulator.hub.history import Event, Happening
from reconciler.emulator.hub.layering import Deployment, Merged, ModuleTwin, merge
from reconciler.emulator.hub.switches import Switches
from reconciler.emulator.hub.wire import Json, dump, load, moment, parsed, ticks

MANUAL = "by hand"
"""What a device's manifest is called that no deployment gave it."""


@dataclass(frozen=True)
class _Stand:
    """Where a group of devices stands before a merge."""

    base: str
    applied: str
    kept: str


def evaluate(db: sqlite3.Connection, now: datetime, switches: Switches) -> bool:
    """One pass over what changed; False when nothing is due yet."""
    if not targeting.refresh(db, now.timestamp() - switches.condition_lag_seconds):
        return False
    db.execute("DELETE FROM hub_status WHERE device_id IN (SELECT device_id FROM hub_affected)")
    deployments = _deployments(db)
    for ids, reached in targeting.matching(db).items():
        # One that was deleted counts no longer, though devices may not have been told yet.
        merged = merge(deployments[id_] for id_ in ids if id_ in deployments)
        for stand, group in _folded(db, reached, switches).items():
            _carry_out(db, group, stand, merged, now)
    return True


def apply_by_hand(
    db: sqlite3.Connection, device_id: str, modules: Mapping[str, Any], now: datetime
) -> None:
    """`applyConfigurationContent`: a manifest for one device, until it is evaluated again."""
    given = Deployment(MANUAL, 0, moment(now), "", modules)
    merged = merge([given])
    _fill_batch(db, [device_id])
    for name in merged.listed():
        _ensure_module(db, name, now)
        _write(db, name, _nobody(merged.modules.get(name, ModuleTwin())), now)
    db.execute("UPDATE hub_agent SET applied = ? WHERE device_id = ?", (MANUAL, device_id))
    _wake(db)


def _deployments(db: sqlite3.Connection) -> dict[str, Deployment]:
    query = (
        "SELECT id, priority, created, json_extract(content, '$.modulesContent') AS modules"
        " FROM hub_configuration WHERE json_type(content, '$.modulesContent') IS NOT NULL"
    )
    return {
        row["id"]: Deployment(
            row["id"],
            row["priority"],
            row["created"],
            ticks(parsed(row["created"])),
            load(row["modules"]),
        )
        for row in db.execute(query)
    }


def _folded(
    db: sqlite3.Connection, reached: list[str], switches: Switches
) -> dict[_Stand, list[str]]:
    """The devices by where they stand; with layers that stay, by their modules, too."""
    _fill_batch(db, reached)
    query = (
        "SELECT a.device_id, a.base, a.applied, CASE WHEN ? THEN i.desired ELSE '' END"
        " FROM hub_batch b JOIN hub_agent a ON a.device_id = b.device_id"
        " JOIN hub_identity i ON i.device_id = b.device_id AND i.module_id = '$edgeAgent'"
        " ORDER BY a.device_id"
    )
    folded: defaultdict[_Stand, list[str]] = defaultdict(list)
    for device_id, base, applied, kept in db.execute(query, (switches.layers_stay,)):
        folded[_Stand(base, applied, kept)].append(device_id)
    return folded


def _carry_out(
    db: sqlite3.Connection, group: list[str], stand: _Stand, merged: Merged, now: datetime
) -> None:
    _fill_batch(db, group)
    if merged.base and merged.key != stand.applied and _too_large(merged):
        refused = Happening(Event.MANIFEST_REFUSED, merged.base, merged.digest)
        history.record_batch(db, [refused], now)
        merged = merged.refused()
    elif merged.base and merged.key != stand.applied:
        _apply(db, _with_kept(merged, stand), now)
    elif not merged.base and stand.base:
        _forget_base(db, stand.base, now)
    _set_statuses(db, merged)


def _apply(db: sqlite3.Connection, merged: Merged, now: datetime) -> None:
    for name in merged.listed():
        _ensure_module(db, name, now)
    for name, twin in merged.modules.items():
        _write(db, name, twin, now)
    db.execute(
        "UPDATE hub_agent SET base = ?, applied = ?"
        " WHERE device_id IN (SELECT device_id FROM hub_batch)",
        (merged.base, merged.key),
    )
    _wake(db)
    history.record_batch(db, [Happening(Event.BASE_APPLIED, merged.base, merged.digest)], now)


def _forget_base(db: sqlite3.Connection, base: str, now: datetime) -> None:
    """No other base matches: the device goes on as it is, and nobody manages it."""
    db.execute(
        "UPDATE hub_agent SET base = '', applied = ''"
        " WHERE device_id IN (SELECT device_id FROM hub_batch)"
    )
    history.record_batch(db, [Happening(Event.BASE_NONE, base)], now)


def _with_kept(merged: Merged, stand: _Stand) -> Merged:
    """The other reading (Azure/iotedge#7057): modules of gone layers stay while the base does."""
    if not stand.kept or stand.base != merged.base:
        return merged
    wanted = merged.modules[AGENT].document().get("modules") or {}
    before = load(stand.kept).get("modules") or {}
    writes = [
        (Setting(("modules", name), spec), None)
        for name, spec in before.items()
        if name not in wanted
    ]
    agent = ModuleTwin((*merged.modules[AGENT].writes, *writes))
    modules = {**merged.modules, AGENT: agent}
    return Merged(merged.base, merged.key, merged.layers, modules, merged.statuses)


def _too_large(merged: Merged) -> bool:
    """The merged section must fit, however small each deployment is (Azure/iotedge#7035)."""
    sizes = (limits.size(twin.document()) for twin in merged.modules.values())
    return any(size > limits.SECTION_BYTES for size in sizes)


def _fill_batch(db: sqlite3.Connection, ids: Iterable[str]) -> None:
    db.execute("DELETE FROM hub_batch")
    db.executemany("INSERT INTO hub_batch VALUES (?)", [(id_,) for id_ in ids])


def _ensure_module(db: sqlite3.Connection, name: str, now: datetime) -> None:
    cells = devices.module_cells("", name, now)
    db.execute(
        "INSERT OR IGNORE INTO hub_identity (device_id, module_id, generation_id,"
        " identity_version, managed_by, desired_updated, reported_updated, changed_at)"
        " SELECT device_id, :module_id, :generation_id, :identity_version, :managed_by,"
        " :desired_updated, :reported_updated, :changed_at FROM hub_batch",
        cells,
    )


def _write(db: sqlite3.Connection, name: str, twin: ModuleTwin, now: datetime) -> None:
    """Desired properties overwrite the twin at each application; without any it is left alone."""
    if not twin.writes:
        return
    origins = [[list(o.path), o.configuration_id, o.digest] for o in twin.origins]
    if twin.whole:
        db.execute(
            "UPDATE hub_identity SET desired = ?, desired_metadata = NULL, desired_origins = ?,"
            " desired_version = desired_version + 1, version = version + 1,"
            " desired_updated = ?, changed_at = ?"
            " WHERE module_id = ? AND device_id IN (SELECT device_id FROM hub_batch)",
            (dump(twin.document()), dump(origins), moment(now), now.timestamp(), name),
        )
        return
    query = (
        "SELECT device_id, desired, desired_version, desired_updated, desired_metadata,"
        " desired_origins FROM hub_identity"
        " WHERE module_id = ? AND device_id IN (SELECT device_id FROM hub_batch)"
    )
    changed = [_sections(row, twin, now) for row in db.execute(query, (name,)).fetchall()]
    db.executemany(
        "UPDATE hub_identity SET desired = :desired, desired_metadata = :metadata,"
        " desired_version = desired_version + 1, version = version + 1,"
        " desired_updated = :updated, changed_at = :changed_at"
        " WHERE device_id = :device_id AND module_id = :module_id",
        [{**each, "module_id": name} for each in changed],
    )


def _sections(row: sqlite3.Row, twin: ModuleTwin, now: datetime) -> dict[str, Any]:
    """Only the sections that deployments name; the rest of the twin belongs to others."""
    before = load(row["desired"])
    noted = metadata.of_desired(row, before)
    stamp = {metadata.UPDATED: moment(now), metadata.VERSION: row["desired_version"] + 1}
    for setting, origin in twin.writes:
        patch = nested(setting.path, setting.value)
        noted = metadata.patched(noted, patch, stamp | (origin.stamp if origin else {}))
    return {
        "device_id": row["device_id"],
        "desired": dump(twin.document(before)),
        "metadata": dump(noted),
        "updated": moment(now),
        "changed_at": now.timestamp(),
    }


def nested(path: tuple[str, ...], value: Json) -> dict[str, Any]:
    """`("a", "b"), 1` becomes `{"a": {"b": 1}}`."""
    for key in reversed(path):
        value = {key: value}
    return dict(value)


def _nobody(twin: ModuleTwin) -> ModuleTwin:
    """A manifest by hand leaves no configuration's name in the metadata."""
    return ModuleTwin(tuple((setting, None) for setting, _ in twin.writes))


def _set_statuses(db: sqlite3.Connection, merged: Merged) -> None:
    for (module_id, configuration_id), status in merged.statuses.items():
        db.execute(
            "INSERT OR REPLACE INTO hub_status SELECT device_id, ?, ?, ? FROM hub_batch",
            (module_id, configuration_id, status),
        )


def _wake(db: sqlite3.Connection) -> None:
    db.execute(
        "UPDATE hub_agent SET wake_at = 0 WHERE device_id IN (SELECT device_id FROM hub_batch)"
    )
