"""Running queries: one page of rows, projected."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciler.emulator.hub import refusal, twins
from reconciler.emulator.hub.compile import Compiler, unprefixed
from reconciler.emulator.hub.grammar import parse_query
from reconciler.emulator.hub.switches import Switches
from reconciler.emulator.hub.syntax import Aggregate, Column, Path, Query, QueryError
from reconciler.emulator.hub.wire import Json

LIVE, LATE = "hub_identity", "hub_index"
BELOW_SECTION = 3
"""A path this long asks for something inside desired or reported properties."""
SOURCES = {"devices": "t.module_id = ''", "devices.modules": "t.module_id <> ''"}


@dataclass(frozen=True)
class Page:
    """`continuation` is empty on the last page."""

    rows: list[dict[str, Any]]
    item_type: str
    continuation: str


@dataclass(frozen=True)
class Position:
    """Where a page starts, and how many rows `TOP` still allows."""

    after: int = 0
    left: int = -1


def run(
    db: sqlite3.Connection, text: str, size: int, continuation: str, switches: Switches
) -> Page:
    """Raises a bare ArgumentInvalid for whatever is wrong with the query."""
    try:
        query = parse_query(text)
        table = LATE if switches.answers_late else LIVE
        if query.aggregates:
            return Page(_grouped(db, query, table), "Raw", "")
        start = Position(left=-1 if query.top is None else query.top)
        pager = _Pager(text, size, _position(continuation, text) or start)
        return _page(db, query, table, pager)
    except QueryError as error:
        raise refusal.argument_invalid() from error


def count(db: sqlite3.Connection, text: str) -> int:
    """How many rows a query has: what a metric counts. Raises QueryError."""
    query = parse_query(text)
    compiler = Compiler()
    statement = _select("count(*)", query, LIVE, compiler)
    return int(db.execute(statement, compiler.parameters).fetchone()[0])


def check(text: str) -> str | None:
    """What is wrong with a query, if anything."""
    try:
        query = parse_query(text)
        _select("1", query, LIVE, Compiler())
    except QueryError as error:
        return str(error)
    return None


def synchronize(db: sqlite3.Connection, now: datetime, switches: Switches) -> None:
    """Bring the lagging copy forward: settled rows arrive, long deleted devices leave.

    Every change of a row starts its lag anew.
    """
    db.execute(
        "INSERT OR REPLACE INTO hub_index SELECT * FROM hub_identity i WHERE i.changed_at <= ?"
        " AND NOT EXISTS (SELECT 1 FROM hub_index x WHERE x.device_id = i.device_id"
        " AND x.module_id = i.module_id AND x.changed_at = i.changed_at)",
        (now.timestamp() - switches.query_lag_seconds,),
    )
    db.execute(
        "DELETE FROM hub_index WHERE NOT EXISTS (SELECT 1 FROM hub_identity i"
        " WHERE i.device_id = hub_index.device_id AND i.module_id = hub_index.module_id)"
        " AND NOT EXISTS (SELECT 1 FROM hub_ghost g WHERE g.device_id = hub_index.device_id"
        " AND g.deleted_at > ?)",
        (now.timestamp() - switches.ghost_seconds,),
    )


@dataclass(frozen=True)
class _Pager:
    text: str
    size: int
    position: Position

    @property
    def limit(self) -> int:
        left = self.position.left
        return self.size if left < 0 else min(self.size, left)

    def continuation(self, rows: list[sqlite3.Row]) -> str:
        """Empty when the page was not filled, or `TOP` is reached."""
        if len(rows) <= self.limit or self.limit == self.position.left:
            return ""
        left = self.position.left if self.position.left < 0 else self.position.left - self.limit
        told = [_digest(self.text), rows[self.limit - 1]["rowid"], left]
        return base64.b64encode(json.dumps(told).encode()).decode()


def _position(continuation: str, text: str) -> Position | None:
    """Raises QueryError for a continuation of some other query."""
    if not continuation:
        return None
    try:
        digest, after, left = json.loads(base64.b64decode(continuation))
    except (ValueError, binascii.Error) as error:
        raise QueryError("not a continuation") from error
    if digest != _digest(text):
        raise QueryError("the continuation of another query")
    return Position(after, left)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _page(db: sqlite3.Connection, query: Query, table: str, pager: _Pager) -> Page:
    compiler = Compiler()
    statement = _select("t.rowid, t.*", query, table, compiler)
    statement += " AND t.rowid > :after ORDER BY t.rowid LIMIT :limit"
    limits = {"after": pager.position.after, "limit": pager.limit + 1}
    found = db.execute(statement, compiler.parameters | limits).fetchall()
    rows = found[: pager.limit]
    continuation = pager.continuation(found)
    if not query.columns:
        whole = [twins.body(row, twins.statuses(db, row)) for row in rows]
        return Page(whole, "Twin", continuation)
    projected = [_project(query.columns, _document(db, query, row)) for row in rows]
    return Page(projected, "Raw", continuation)


def _document(db: sqlite3.Connection, query: Query, row: sqlite3.Row) -> dict[str, Any]:
    """As much of a twin as the columns ask for: properties are what takes time to build."""
    paths = [unprefixed(c.source.parts) for c in query.columns if isinstance(c.source, Path)]
    heads = {path[0].lower() for path in paths if path}
    applied = twins.statuses(db, row) if "configurations" in heads else {}
    if "properties" not in heads:
        return twins.envelope(row, applied)
    sections = [path for path in paths if path and path[0].lower() == "properties"]
    if any(len(path) < BELOW_SECTION or "$metadata" in path for path in sections):
        return twins.body(row, applied)
    return twins.without_metadata(row, applied)


def _select(what: str, query: Query, table: str, compiler: Compiler) -> str:
    source = SOURCES.get(query.collection)
    if source is None:
        raise QueryError("the emulator has no jobs")
    terms = [source]
    if query.where:
        terms += [*compiler.narrowed(query.where), f"({compiler.expression(query.where)})"]
    statement = "SELECT WHAT FROM TABLE t WHERE "
    return statement.replace("WHAT", what).replace("TABLE", table) + " AND ".join(terms)


def _project(columns: tuple[Column, ...], twin: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the chosen values; what a twin does not have is left out."""
    row: dict[str, Any] = {}
    for column in columns:
        if isinstance(column.source, Path):
            for name, value in _looked_up(twin, unprefixed(column.source.parts)):
                row[column.alias or name] = value
    return row


def _looked_up(document: Json, parts: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    name = ""
    for depth, part in enumerate(parts):
        if not isinstance(document, Mapping):
            return
        name = part if part in document else _system_name(document, part, depth)
        if name not in document:
            return
        document = document[name]
    yield name, document


def _system_name(document: Mapping[str, Any], part: str, depth: int) -> str:
    """Names at the top of a twin are not case-sensitive; those below are the user's."""
    names = {each.lower(): each for each in document} if depth == 0 else {}
    return names.get(part.lower(), "")


def _grouped(db: sqlite3.Connection, query: Query, table: str) -> list[dict[str, Any]]:
    compiler = Compiler()
    keys = [compiler.value(path) for path in query.group_by]
    shown = [_aggregated(column, query, compiler) for column in query.columns]
    selected = [each for key in keys for each in (key.type_name, key.value)] + shown
    statement = _select(", ".join(selected) or "1", query, table, compiler)
    if keys:
        statement += " GROUP BY " + ", ".join(str(n + 1) for n in range(2 * len(keys)))
    width = 2 * len(keys)
    return [
        _group_row(query, row[:width], row[width:])
        for row in map(tuple, db.execute(statement, compiler.parameters))
    ]


def _aggregated(column: Column, query: Query, compiler: Compiler) -> str:
    if isinstance(column.source, Aggregate):
        return compiler.aggregate(column.source)
    if column.source not in query.group_by:
        raise QueryError(f"{column.source} is neither grouped nor counted")
    return "NULL"


def _group_row(query: Query, keys: tuple[Any, ...], shown: tuple[Any, ...]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for index, (column, value) in enumerate(zip(query.columns, shown, strict=True)):
        if isinstance(column.source, Aggregate):
            row[column.alias or f"c{index}"] = value
            continue
        at = 2 * query.group_by.index(column.source)
        if keys[at] is not None:
            row[column.alias or column.source.parts[-1]] = _typed(keys[at], keys[at + 1])
    return row


def _typed(type_name: str, value: Json) -> Json:
    match type_name:
        case "boolean":
            return bool(value)
        case "null":
            return None
        case "array" | "object":
            return json.loads(value)
        case _:
            return value
