"""All simulated agents at once: devices in the same situation take the same step."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciler.emulator.hub import agent, behaviour, history, limits, report, state
from reconciler.emulator.hub.agent import Pull, Step, World
from reconciler.emulator.hub.behaviour import Behaviour, Mode
from reconciler.emulator.hub.switches import Switches
from reconciler.emulator.hub.wire import dump, load, moment

_DUE = (
    "SELECT a.device_id, a.behaviour, a.state, i.desired, d.status FROM hub_agent a"
    " CROSS JOIN hub_identity i ON i.device_id = a.device_id AND i.module_id = '$edgeAgent'"
    " CROSS JOIN hub_identity d ON d.device_id = a.device_id AND d.module_id = ''"
    " WHERE a.wake_at <= ?"
)
_KEEP = (
    "UPDATE hub_agent SET state = ?, wake_at = ?"
    " WHERE device_id IN (SELECT device_id FROM hub_batch)"
)
_SLEEP = "UPDATE hub_agent SET wake_at = NULL WHERE device_id IN (SELECT device_id FROM hub_batch)"
_REPORT = (
    "UPDATE hub_identity SET reported = replace(?, ?, desired_version),"
    " reported_version = reported_version + 1, version = version + 1, reported_updated = ?,"
    " last_activity = ?, changed_at = ?"
    " WHERE module_id = ? AND device_id IN (SELECT device_id FROM hub_batch)"
)
_CONNECTION = (
    "UPDATE hub_identity SET connection_state = ?, connection_state_updated = ?,"
    " last_activity = ?, changed_at = ?"
    " WHERE device_id IN (SELECT device_id FROM hub_batch) AND connection_state <> ?"
    " AND module_id IN ('', '$edgeAgent', '$edgeHub')"
)


@dataclass(frozen=True)
class _Situation:
    behaviour: str
    state: str
    desired: str
    status: str


def run(db: sqlite3.Connection, now: datetime, switches: Switches, pull: Pull) -> bool:
    """Let every agent that has something to do take its step; False when none has."""
    situations: defaultdict[_Situation, list[str]] = defaultdict(list)
    for device_id, *situation in sorted(db.execute(_DUE, (now.timestamp(),)), key=lambda r: r[0]):
        situations[_Situation(*situation)].append(device_id)
    for situation, ids in situations.items():
        db.execute("DELETE FROM hub_batch")
        db.executemany("INSERT INTO hub_batch VALUES (?)", [(id_,) for id_ in ids])
        told = behaviour.stored(situation.behaviour)
        if told.mode is Mode.OFFLINE or situation.status != "enabled":
            _disconnect(db, now)
            continue
        _set_connection(db, "Connected", now)
        world = World(now, told, pull, switches.pull_seconds)
        step = agent.advance(state.stored(situation.state), load(situation.desired), world)
        _keep(db, step, now)
    return bool(situations)


def instruct(db: sqlite3.Connection, ids: Iterable[str] | None, told: Behaviour) -> int:
    """Tell agents what to be like from now on (all of them without ids); returns how many."""
    if ids is None:
        ids = [row[0] for row in db.execute("SELECT device_id FROM hub_agent")]
    changed = db.executemany(
        "UPDATE hub_agent SET behaviour = ?, wake_at = 0 WHERE device_id = ?",
        [(told.as_text(), id_) for id_ in ids],
    )
    return changed.rowcount


def listed(db: sqlite3.Connection) -> list[dict[str, Any]]:
    query = "SELECT device_id, behaviour, base, applied, wake_at FROM hub_agent ORDER BY device_id"
    return [
        {
            "deviceId": row["device_id"],
            "behaviour": load(row["behaviour"]),
            "base": row["base"],
            "applied": row["applied"],
            "awake": row["wake_at"] is not None,
        }
        for row in db.execute(query)
    ]


def _keep(db: sqlite3.Connection, step: Step, now: datetime) -> None:
    wake_at = None if step.wake_at is None else step.wake_at.timestamp()
    db.execute(_KEEP, (step.state.as_text(), wake_at))
    history.record_batch(db, step.happenings, now)
    if step.report is None or limits.size(step.report) > limits.SECTION_BYTES:
        return  # a report that does not fit is refused, and the old one stands (iotedge#7035)
    _write(db, "$edgeAgent", step.report, now)
    if "edgeHub" in step.state.containers:
        _write(db, "$edgeHub", report.hub_report(), now)


def _write(db: sqlite3.Connection, module_id: str, told: dict[str, Any], now: datetime) -> None:
    mark, at = dump(report.VERSION_MARK), moment(now)
    db.execute(_REPORT, (dump(told), mark, at, at, now.timestamp(), module_id))


def _disconnect(db: sqlite3.Connection, now: datetime) -> None:
    _set_connection(db, "Disconnected", now)
    db.execute(_SLEEP)


def _set_connection(db: sqlite3.Connection, connection: str, now: datetime) -> None:
    at = moment(now)
    db.execute(_CONNECTION, (connection, at, at, now.timestamp(), connection))
