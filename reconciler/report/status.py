"""What the hub reports of each deployment, as a table for people and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.diff import Action, Change, Reason
from reconciler.model import Observed, Spec, Value
from reconciler.plan import Plan
from reconciler.plan.graph import blocked
from reconciler.report import words

KIND = "Deployment"
COUNTS = ("targeted", "applied", "reporting", "failing")


@dataclass(frozen=True, slots=True)
class Row:
    """One deployment: what is live of it, and whether that is what git asks for."""

    name: str
    address: str
    sync: str
    status: Spec

    def document(self) -> dict[str, Value]:
        return {
            "name": self.name,
            "address": self.address or None,
            "sync": self.sync,
            **{count: self.status.get(count) for count in COUNTS},
        }


def rows(plan: Plan) -> tuple[Row, ...]:
    """Ours first, by name; then what others have on the hub."""
    changes = [c for c in (*plan.changes, *plan.unchanged) if c.id.kind == KIND]
    causes = blocked(plan.changes, (change.id for change in plan.stuck))
    creating = {c.id.lineage for c in changes if c.action is Action.CREATE}
    found = [
        (
            change.reason is Reason.FOREIGN,
            _row(change, creating=change.id.lineage in creating, waits=change.id in causes),
        )
        for change in changes
    ]
    return tuple(
        row for _, row in sorted(found, key=lambda item: (item[0], item[1].name, item[1].address))
    )


def table(found: Sequence[Row]) -> str:
    header = ("DEPLOYMENT", "CONFIGURATION", "SYNC", *(count.upper() for count in COUNTS))
    lines = [header, *(_cells(row) for row in found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )


def _row(change: Change, *, creating: bool, waits: bool) -> Row:
    have: Observed | None = change.before
    return Row(
        change.id.name,
        have.address if have else "",
        "blocked" if waits else _sync(change, creating=creating),
        have.status if have else {},
    )


def _sync(change: Change, *, creating: bool) -> str:
    match change.action:
        case Action.CREATE:
            return "to be created"
        case Action.UPDATE:
            return "to be updated"
        case Action.DELETE:
            return "to be replaced" if creating else "to be deleted"
        case Action.NOOP:
            return {Reason.FOREIGN: "not ours"}.get(change.reason, change.reason.value)


def _cells(row: Row) -> tuple[str, ...]:
    return (words.plain(row.name), words.plain(row.address) or "-", row.sync, *_counts(row.status))


def _counts(status: Spec) -> Iterator[str]:
    for count in COUNTS:
        value = status.get(count)
        yield "-" if value is None else str(value)
