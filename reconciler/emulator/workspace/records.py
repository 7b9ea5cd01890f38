"""Versioned documents of the workspace: models, images, environments, assets."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

Document = dict[str, Any]


class Kind(Enum):
    ASSET = "asset"
    MODEL = "model"
    IMAGE = "image"
    ENVIRONMENT = "environment"


@dataclass(frozen=True)
class Page:
    """Documents, newest first; `next_token` is empty on the last page."""

    documents: list[Document]
    next_token: str


@dataclass(frozen=True)
class Query:
    """Which records, how many, and from where: `token` is the `next_token` of the page before."""

    kind: Kind
    keep: Callable[[Document], bool] = lambda _document: True
    name: str = ""
    count: int = 255
    token: str = ""
    latest_only: bool = False


def next_version(db: sqlite3.Connection, kind: Kind, name: str) -> int:
    """One more than the name ever had: a deleted or failed version is never given out again."""
    row = db.execute(
        "INSERT INTO last_version VALUES (?, ?, 1)"
        " ON CONFLICT (kind, name) DO UPDATE SET version = version + 1 RETURNING version",
        (kind.value, name),
    ).fetchone()
    return int(row["version"])


def add(db: sqlite3.Connection, kind: Kind, document: Document) -> Document:
    """`document` has `id`, `name` and (but for assets) `version`."""
    db.execute(
        "INSERT INTO record (kind, id, name, version, document) VALUES (?, ?, ?, ?, ?)",
        (
            kind.value,
            document["id"],
            document["name"],
            int(document.get("version", 1)),
            json.dumps(document, sort_keys=True),
        ),
    )
    return document


def find(db: sqlite3.Connection, kind: Kind, identifier: str) -> Document | None:
    row = db.execute(
        "SELECT document FROM record WHERE kind = ? AND id = ?", (kind.value, identifier)
    ).fetchone()
    return None if row is None else _document(row)


def change(db: sqlite3.Connection, kind: Kind, document: Document) -> Document:
    db.execute(
        "UPDATE record SET document = ? WHERE kind = ? AND id = ?",
        (json.dumps(document, sort_keys=True), kind.value, document["id"]),
    )
    return document


def remove(db: sqlite3.Connection, kind: Kind, identifier: str) -> bool:
    """Whether there was one."""
    cursor = db.execute("DELETE FROM record WHERE kind = ? AND id = ?", (kind.value, identifier))
    return cursor.rowcount > 0


def page(db: sqlite3.Connection, query: Query) -> Page:
    """Paged by the newest record not yet told, so that a record made meanwhile moves nothing."""
    rows = db.execute(
        "SELECT sequence, name, document FROM record WHERE kind = :kind AND sequence < :before"
        " AND (:name = '' OR name = :name) AND (NOT :latest OR version ="
        " (SELECT max(version) FROM record r WHERE r.kind = :kind AND r.name = record.name))"
        " ORDER BY sequence DESC",
        {
            "kind": query.kind.value,
            "before": int(query.token) if query.token.isdecimal() else 2**62,
            "name": query.name,
            "latest": query.latest_only,
        },
    )
    documents: list[Document] = []
    last = 0
    for row in rows:
        document = _document(row)
        if not query.keep(document):
            continue
        if len(documents) == query.count:
            return Page(documents, str(last))
        documents.append(document)
        last = row["sequence"]
    return Page(documents, "")


def _document(row: sqlite3.Row) -> Document:
    document: Document = json.loads(row["document"])
    return document
