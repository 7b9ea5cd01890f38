"""What the emulated cloud remembers: SQLite behind one lock. Knows no HTTP."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Store:
    """One SQLite database, shared by request handlers and the background pass.

    `path` is a file or ":memory:"; each schema is DDL that may run again on an existing file.
    """

    def __init__(self, path: Path | str, schemas: Iterable[str] = ()) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("PRAGMA foreign_keys=ON")
        for schema in (SCHEMA, *schemas):
            self._db.executescript(schema)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. A transaction inside another one of the same thread joins it."""
        with self._lock:
            if self._depth:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    def setting(self, name: str) -> str | None:
        with self.transaction() as db:
            row = db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row["value"])

    def set_setting(self, name: str, value: str) -> None:
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table, sorted, for people and for tests to compare."""
        with self.transaction() as db:
            return {
                table: sorted(map(_plain, db.execute(_on_table("SELECT * FROM", table))), key=repr)
                for table in _tables(db)
            }

    def reset(self) -> None:
        """Forget everything; the tables stay."""
        with self.transaction() as db:
            db.execute("PRAGMA defer_foreign_keys=ON")
            for table in _tables(db):
                db.execute(_on_table("DELETE FROM", table))
            if _counts(db):
                db.execute("DELETE FROM sqlite_sequence")

    def close(self) -> None:
        with self._lock:
            self._db.close()


def _tables(db: sqlite3.Connection) -> list[str]:
    rows = db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return sorted(row["name"] for row in rows)


def _counts(db: sqlite3.Connection) -> bool:
    """Whether SQLite keeps a table of the last automatic ids."""
    found = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
    return found.fetchone() is not None


def _on_table(verb: str, table: str) -> str:
    """A statement on a table that SQLite itself named; names cannot be parameters."""
    return " ".join((verb, f'"{table}"'))


def _plain(row: sqlite3.Row) -> dict[str, Any]:
    items = dict(row).items()
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in items}
