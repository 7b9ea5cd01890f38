"""Metrics of configurations: queries that the background pass counts, never a read."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from reconciler.emulator.hub import configurations, content, query
from reconciler.emulator.hub.configurations import METRICS
from reconciler.emulator.hub.syntax import QueryError
from reconciler.emulator.hub.wire import dump, load


def evaluate(db: sqlite3.Connection, due_before: float) -> None:
    """All metrics of all configurations, when something changed until then."""
    due = db.execute("DELETE FROM hub_pending WHERE what = ? AND since <= ?", (METRICS, due_before))
    if not due.rowcount:
        return
    for row in db.execute("SELECT * FROM hub_configuration ORDER BY id").fetchall():
        kind = content.kind(load(row["content"]))
        system = configurations.system_queries(row["id"], row["target_condition"], kind)
        results = (_results(db, system), _results(db, load(row["metric_queries"])))
        db.execute(
            "UPDATE hub_configuration SET system_results = ?, metric_results = ? WHERE id = ?",
            (*map(dump, results), row["id"]),
        )


def _results(db: sqlite3.Connection, queries: Mapping[str, str]) -> dict[str, int]:
    """A query that cannot be read has no result."""
    counted = {name: _count(db, text) for name, text in queries.items()}
    return {name: count for name, count in counted.items() if count is not None}


def _count(db: sqlite3.Connection, text: str) -> int | None:
    try:
        return query.count(db, text) if text else 0
    except QueryError:
        return None
