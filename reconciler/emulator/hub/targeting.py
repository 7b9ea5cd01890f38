"""Which edge devices each deployment selects, kept up to date as sets in SQL."""

from __future__ import annotations

import sqlite3
from collections import defaultdict

from reconciler.emulator.hub import condition
from reconciler.emulator.hub.rows import CONFIGURATION, DEVICE

_SELECT = (
    "INSERT OR IGNORE INTO hub_target (configuration_id, device_id)"
    " SELECT :id, t.device_id FROM hub_identity t"
    " WHERE t.module_id = '' AND t.edge AND RANGE AND (CONDITION)"
)
_DUE_ONLY = "t.device_id IN (SELECT device_id FROM hub_due)"


def refresh(db: sqlite3.Connection, due_before: float) -> bool:
    """Bring `hub_target` up to date with changes made until then.

    The devices whose set of deployments may have changed are in `hub_affected` afterwards; False
    when there is none.
    """
    db.execute("DELETE FROM hub_affected")
    configurations = _due(db, CONFIGURATION, due_before)
    devices = _due(db, DEVICE, due_before)
    if not configurations and not devices:
        return False
    for id_ in configurations:
        _affect(db, id_)
        db.execute("DELETE FROM hub_target WHERE configuration_id = ?", (id_,))
        _select(db, id_, "1")
        _affect(db, id_)
    if devices:
        _again(db, devices)
    return db.execute("SELECT 1 FROM hub_affected LIMIT 1").fetchone() is not None


def matching(db: sqlite3.Connection) -> dict[tuple[str, ...], list[str]]:
    """The affected devices, folded by the set of configurations that select them."""
    query = (
        "SELECT a.device_id, t.configuration_id FROM hub_affected a"
        " LEFT JOIN hub_target t ON t.device_id = a.device_id"
        " ORDER BY a.device_id, t.configuration_id"
    )
    sets: dict[str, list[str]] = {}
    for device_id, configuration_id in db.execute(query):
        ids = sets.setdefault(device_id, [])
        if configuration_id is not None:
            ids.append(configuration_id)
    folded: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for device_id, ids in sets.items():
        folded[tuple(ids)].append(device_id)
    return folded


def _due(db: sqlite3.Connection, what: str, due_before: float) -> list[str]:
    query = "SELECT id FROM hub_pending WHERE what = ? AND since <= ? ORDER BY id"
    ids = [str(row[0]) for row in db.execute(query, (what, due_before))]
    db.execute("DELETE FROM hub_pending WHERE what = ? AND since <= ?", (what, due_before))
    return ids


def _affect(db: sqlite3.Connection, configuration_id: str) -> None:
    db.execute(
        "INSERT OR IGNORE INTO hub_affected SELECT device_id FROM hub_target"
        " WHERE configuration_id = ?",
        (configuration_id,),
    )


def _again(db: sqlite3.Connection, devices: list[str]) -> None:
    """Ask every configuration about the devices that changed."""
    db.execute("DELETE FROM hub_due")
    db.executemany("INSERT INTO hub_due VALUES (?)", [(id_,) for id_ in devices])
    db.execute(
        "INSERT OR IGNORE INTO hub_affected SELECT d.device_id FROM hub_due d"
        " JOIN hub_identity i ON i.device_id = d.device_id AND i.module_id = ''"
    )
    db.execute("DELETE FROM hub_target WHERE device_id IN (SELECT device_id FROM hub_due)")
    for row in db.execute("SELECT id FROM hub_configuration ORDER BY id").fetchall():
        _select(db, row[0], _DUE_ONLY)


def _select(db: sqlite3.Connection, configuration_id: str, devices: str) -> None:
    """Only edge devices count, and only deployments to edge devices are carried out here."""
    query = (
        "SELECT target_condition FROM hub_configuration"
        " WHERE id = ? AND json_type(content, '$.modulesContent') IS NOT NULL"
    )
    row = db.execute(query, (configuration_id,)).fetchone()
    if row is None:
        return
    selection = condition.select(row[0])
    statement = _SELECT.replace("RANGE", devices).replace("CONDITION", selection.sql)
    db.execute(statement, selection.parameters | {"id": configuration_id})
