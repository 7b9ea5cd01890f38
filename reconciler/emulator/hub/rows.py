"""Reading and writing rows of `hub_identity`."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

Cell: TypeAlias = str | int | float | None

DEVICE = "device"
CONFIGURATION = "configuration"


def find(db: sqlite3.Connection, device_id: str, module_id: str = "") -> sqlite3.Row | None:
    """The device, or its module; None when there is none."""
    query = "SELECT * FROM hub_identity WHERE device_id = ? AND module_id = ?"
    row: sqlite3.Row | None = db.execute(query, (device_id, module_id)).fetchone()
    return row


def insert(db: sqlite3.Connection, cells: Mapping[str, Cell]) -> None:
    names = ", ".join(cells)
    marks = ", ".join("?" * len(cells))
    statement = "INSERT INTO hub_identity (NAMES) VALUES (MARKS)"
    db.execute(
        statement.replace("NAMES", names).replace("MARKS", marks),
        tuple(cells.values()),
    )


def update(
    db: sqlite3.Connection, device_id: str, module_id: str, cells: Mapping[str, Cell]
) -> None:
    settings = ", ".join(name + " = ?" for name in cells)
    statement = "UPDATE hub_identity SET CELLS WHERE device_id = ? AND module_id = ?"
    db.execute(statement.replace("CELLS", settings), (*cells.values(), device_id, module_id))


def wake(db: sqlite3.Connection, device_id: str) -> None:
    """The device's agent must look at its manifest again."""
    db.execute("UPDATE hub_agent SET wake_at = 0 WHERE device_id = ?", (device_id,))


def touch(db: sqlite3.Connection, what: str, id_: str, now: datetime) -> None:
    """The background pass must look at this device or configuration again."""
    db.execute(
        "INSERT OR IGNORE INTO hub_pending (what, id, since) VALUES (?, ?, ?)",
        (what, id_, now.timestamp()),
    )
