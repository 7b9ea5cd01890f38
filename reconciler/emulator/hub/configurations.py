"""Configurations: deployments to edge devices, and the configurations of devices and modules."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciler.emulator.errors import ServiceError
from reconciler.emulator.hub import condition, content, refusal, rows
from reconciler.emulator.hub.content import Kind
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.switches import Switches
from reconciler.emulator.hub.wire import counter_etag, dump, load, moment

IDENTIFIER = re.compile(r"[a-z0-9\-+%_*!']{1,128}")
LABEL = re.compile(r"[A-Za-z0-9\-:.+%_#*?!(),=@;']{1,128}")
METRICS = "metrics"
DEVICES = "select deviceId from devices"
MODULES = "select deviceId from devices.modules"
SEEN = "properties.desired.$version = properties.reported.lastDesiredVersion"


@dataclass(frozen=True)
class Writing:
    """The circumstances of a write."""

    match: Match
    now: datetime
    switches: Switches


def get(db: sqlite3.Connection, id_: str) -> dict[str, Any]:
    if (row := find(db, id_)) is None:
        raise refusal.configuration_not_found(id_)
    return body(row)


def find(db: sqlite3.Connection, id_: str) -> sqlite3.Row | None:
    query = "SELECT * FROM hub_configuration WHERE id = ?"
    row: sqlite3.Row | None = db.execute(query, (id_,)).fetchone()
    return row


def listed(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """All of them: the service knows no pages here, and ignores `top`."""
    return [body(row) for row in db.execute("SELECT * FROM hub_configuration ORDER BY id")]


def put(
    db: sqlite3.Connection, id_: str, given: Mapping[str, Any], writing: Writing
) -> dict[str, Any]:
    """Create only without a quoted `If-Match` (or `*`), update only with it."""
    if given.get("id", id_) != id_:
        raise refusal.argument_invalid("The id of the body is not the id of the path")
    row = find(db, id_)
    updates = not writing.match.is_absent and (writing.match.is_any or writing.match.is_quoted)
    if not updates:
        if row is not None:
            raise refusal.configuration_exists(id_)
        _create(db, id_, given, writing)
    else:
        if row is None:
            raise refusal.configuration_not_found(id_)
        writing.match.check_configuration(id_, int(row["version"]))
        _update(db, row, given, writing)
    rows.touch(db, METRICS, "", writing.now)
    return get(db, id_)


def delete(db: sqlite3.Connection, id_: str, match: Match, now: datetime) -> None:
    """What it wrote into twins stays there; the background pass looks for the next best."""
    if (row := find(db, id_)) is None:
        raise refusal.configuration_not_found(id_)
    match.check_configuration(id_, int(row["version"]))
    db.execute("DELETE FROM hub_configuration WHERE id = ?", (id_,))
    rows.touch(db, rows.CONFIGURATION, id_, now)


def _create(db: sqlite3.Connection, id_: str, given: Mapping[str, Any], writing: Writing) -> None:
    if not IDENTIFIER.fullmatch(id_):
        raise refusal.argument_invalid(f"The configuration id {id_!r} is invalid")
    fields = _fields(given)
    told = content.check(given.get("content"))
    limit = writing.switches.configuration_limit
    if db.execute("SELECT count(*) FROM hub_configuration").fetchone()[0] >= limit:
        raise refusal.too_many_configurations(limit)
    now = moment(writing.now)
    db.execute(
        "INSERT INTO hub_configuration (schema_version, labels, target_condition, priority,"
        " metric_queries, id, content, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*fields, id_, dump(told), now, now),
    )
    rows.touch(db, rows.CONFIGURATION, id_, writing.now)


def _update(
    db: sqlite3.Connection, row: sqlite3.Row, given: Mapping[str, Any], writing: Writing
) -> None:
    """The content must be there, and is not looked at: the old one stays."""
    if not given.get("content"):
        raise refusal.invalid_content()
    if writing.switches.content_change_fails and given["content"] != load(row["content"]):
        raise ServiceError(400, "CannotModifyImmutableConfigurationContent", "BadRequest")
    fields = _fields(given)
    db.execute(
        "UPDATE hub_configuration SET schema_version = ?, labels = ?, target_condition = ?,"
        " priority = ?, metric_queries = ?, updated = ?, version = version + 1 WHERE id = ?",
        (*fields, moment(writing.now), row["id"]),
    )
    if fields[2:4] != (row["target_condition"], row["priority"]):
        rows.touch(db, rows.CONFIGURATION, row["id"], writing.now)


def _fields(given: Mapping[str, Any]) -> tuple[str | None, str | None, str, int, str]:
    """Schema version, labels, condition, priority and metric queries, checked."""
    priority = given.get("priority") or 0
    if not isinstance(priority, int) or priority < 0:
        raise refusal.argument_invalid(f"priority {priority}")
    target = given.get("targetCondition") or ""
    try:
        condition.select(target)
    except condition.ConditionError as error:
        raise refusal.invalid_condition(str(error)) from error
    queries = (given.get("metrics") or {}).get("queries") or {}
    labels = _labels(given.get("labels"))
    return given.get("schemaVersion"), labels, target, priority, dump(queries)


def _labels(given: Mapping[str, Any] | None) -> str | None:
    if given is None:
        return None
    for text in (*given, *given.values()):
        if not isinstance(text, str) or not LABEL.fullmatch(text):
            raise refusal.argument_invalid(f"The label {text!r} is invalid")
    return dump(given)


def body(row: sqlite3.Row) -> dict[str, Any]:
    """A configuration on the wire."""
    told = load(row["content"])
    return {
        "id": row["id"],
        "schemaVersion": row["schema_version"],
        "labels": None if row["labels"] is None else load(row["labels"]),
        "content": told,
        "targetCondition": row["target_condition"],
        "createdTimeUtc": row["created"],
        "lastUpdatedTimeUtc": row["updated"],
        "priority": row["priority"],
        "systemMetrics": {
            "results": load(row["system_results"]),
            "queries": system_queries(row["id"], row["target_condition"], content.kind(told)),
        },
        "metrics": {
            "results": load(row["metric_results"]),
            "queries": load(row["metric_queries"]),
        },
        "etag": counter_etag(row["version"]),
    }


def system_queries(id_: str, target: str, kind: Kind) -> dict[str, str]:
    """The queries that the hub keeps with a configuration.

    The condition is pasted without parentheses, so `a OR b` counts more than it targets.
    """
    status = f"configurations.[[{id_}]].status = 'Applied'"
    if kind is not Kind.EDGE:
        start = DEVICES if kind is Kind.DEVICE else MODULES
        return {
            "targetedCount": _targeted(start, "", target),
            "appliedCount": " where ".join([start, status]),
        }
    applied = " and ".join([f"{MODULES} where moduleId = '$edgeAgent'", status])
    reported = " and ".join([applied, SEEN, "properties.reported.lastDesiredStatus.code"])
    return {
        "targetedCount": _targeted(DEVICES, "capabilities.iotEdge = true", target),
        "appliedCount": applied,
        "reportedSuccessfulCount": f"{reported} = 200",
        "reportedFailedCount": f"{reported} != 200",
    }


def _targeted(start: str, always: str, target: str) -> str:
    text = target.strip()
    if not text:
        return ""
    if text.lower().startswith(condition.MODULES):
        text = text[len(condition.MODULES) :]
    terms = [term for term in (always, "" if text == condition.ALL else text) if term]
    return " where ".join([start, " and ".join(terms)] if terms else [start])
