"""How each deployment stands with its devices, as a table for people and as data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reconciler.diff import Action, Change, Reason
from reconciler.edge.reported import Health
from reconciler.model import Observed, Value
from reconciler.plan import Plan
from reconciler.plan.graph import blocked
from reconciler.plan.standing import Tally, Told
from reconciler.report import words

KIND = "Deployment"
COUNTED = (Health.HEALTHY, Health.FAILING, Health.PENDING, Health.OFFLINE)
HEADER = ("DEPLOYMENT", "CONFIGURATION", "SYNC", "TARGETED", "APPLIED")
SHOWN = 5
"""Reasons of one deployment that are told to people."""
LONGEST = 280


@dataclass(frozen=True, slots=True)
class Row:
    """One deployment: what is live of it, whether that is what git asks for, and on how many
    devices it is done.
    """

    change: Change
    sync: str
    tally: Tally | None = None
    """None where no device is known to the hub as one of its."""

    @property
    def name(self) -> str:
        return self.change.id.name

    @property
    def address(self) -> str:
        have: Observed | None = self.change.before
        return have.address if have else ""

    @property
    def ours(self) -> bool:
        return self.change.reason is not Reason.FOREIGN

    @property
    def counted_by_hub(self) -> int | None:
        """The hub's own count of targeted devices; None until it has counted."""
        have: Observed | None = self.change.before
        said = have.status.get("targeted") if have else None
        return said if isinstance(said, int) else None

    @property
    def counts(self) -> tuple[int | None, ...]:
        """Targeted, applied, and of each health; None where nothing is known."""
        if self.tally:
            healths = (self.tally.count(health) for health in COUNTED)
            return (self.tally.targeted, self.tally.applied, *healths)
        # The twins do not name it: the hub has not gone over them yet, or it is for nobody.
        nobody = self.counted_by_hub == 0
        return (self.counted_by_hub, *(0 if nobody else None for _ in ("applied", *COUNTED)))

    def document(self) -> dict[str, Value]:
        names = ("targeted", "applied", *(health.value for health in COUNTED))
        return {
            "name": self.name,
            "address": self.address or None,
            "sync": self.sync,
            **dict(zip(names, self.counts, strict=True)),
            "targeted_by_hub": self.counted_by_hub,
            "reasons": tuple(_told(each) for each in self.tally.told) if self.tally else (),
        }


def rows(plan: Plan, tallies: Mapping[str, Tally], only: Collection[str] = ()) -> tuple[Row, ...]:
    """Ours first, by name; then what others have on the hub. `only` are KIND/NAME globs."""
    changes = [c for c in (*plan.changes, *plan.unchanged) if c.id.kind == KIND]
    causes = blocked(plan.changes, (change.id for change in plan.stuck))
    creating = {c.id.lineage for c in changes if c.action is Action.CREATE}
    found = (
        Row(
            change,
            "blocked" if change.id in causes else _sync(change, creating=creating),
            tallies.get(change.before.address) if change.before else None,
        )
        for change in changes
        if not only or any(fnmatchcase(str(change.id), glob) for glob in only)
    )
    return tuple(sorted(found, key=lambda row: (not row.ours, row.name, row.address)))


def failing(found: Sequence[Row]) -> bool:
    """Whether a deployment of ours fails on a device."""
    return any(row.ours and row.tally and row.tally.count(Health.FAILING) for row in found)


def unfinished(found: Sequence[Row]) -> bool:
    """Whether something of ours is not as git asks for, or not done on a device yet."""
    ours = [row for row in found if row.ours]
    return any(
        row.change.action is not Action.NOOP
        or row.change.reason in {Reason.BROKEN, Reason.ABSENT}
        or (row.tally is not None and row.tally.count(Health.PENDING) > 0)
        for row in ours
    )


def table(found: Sequence[Row]) -> str:
    header = (*HEADER, *(health.name for health in COUNTED))
    lines = words.columns([header, *(_cells(row) for row in found)])
    shown = [next(lines)]
    for row, line in zip(found, lines, strict=True):
        shown += [line, *_reasons(row)]
    return "".join(f"{line}\n" for line in shown)


def _sync(change: Change, *, creating: Collection[object]) -> str:
    match change.action:
        case Action.CREATE:
            return "to be created"
        case Action.UPDATE:
            return "to be updated"
        case Action.DELETE:
            return "to be replaced" if change.id.lineage in creating else "to be deleted"
        case Action.NOOP:
            return {Reason.FOREIGN: "not ours"}.get(change.reason, change.reason.value)


def _cells(row: Row) -> tuple[str, ...]:
    counts = ("-" if count is None else str(count) for count in row.counts)
    return (words.plain(row.name), words.plain(row.address) or "-", row.sync, *counts)


def _reasons(row: Row) -> Iterator[str]:
    told = row.tally.told if row.tally else ()
    for each in told[:SHOWN]:
        devices = words.counted(each.devices, "device")
        text = f"{devices}, such as {each.example}: {each.reason}"
        yield f"  {each.health.value}: {cut(text)}"
    if len(told) > SHOWN:
        yield f"  ... and {words.counted(len(told) - SHOWN, 'reason')} more (--format json)"
    if row.tally and row.counted_by_hub not in {None, row.tally.targeted}:
        counted = words.counted(row.counted_by_hub or 0, "targeted device")
        yield f"  the hub itself counts {counted}: one of its two answers is late"


def cut(text: str) -> str:
    """One line of a reason: agents repeat what registries say, which may be long."""
    plain = words.plain(text)
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 3]}..."


def _told(each: Told) -> dict[str, Value]:
    return {
        "health": each.health.value,
        "reason": each.reason.text,
        "devices": each.devices,
        "example": {"device": each.example, "detail": each.reason.detail or None},
    }
