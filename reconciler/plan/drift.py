"""Three ways without a state file: what git asks for, what was applied last, and what is live.

What was applied last is in no file of ours: the mark on each object names the commit that wrote
it, and git still knows what that commit asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from reconciler.diff import Change, Reason
from reconciler.diff.content import content_changes
from reconciler.model import FieldPath, Observed, Origin, Resource, ResourceId, Value
from reconciler.plan.plan import Plan

Wanted: TypeAlias = Mapping[ResourceId, Resource]
"""What one commit asked for, linked, by lineage."""


class Sync(Enum):
    """Which of the two sides left what was applied last."""

    SYNCED = "in sync"
    PENDING = "pending"  # git moved
    DRIFTED = "drifted"  # the live side moved
    BOTH = "both"
    EXTRA = "extra"  # ours, live, and not in git any more
    IGNORED = "ignored"  # differs, and was agreed to be left alone until a date
    UNKNOWN = "unknown"  # the commit that was applied last is not there to ask

    @property
    def is_drift(self) -> bool:
        """Whether something moved that nobody committed."""
        return self in {Sync.DRIFTED, Sync.BOTH, Sync.UNKNOWN}


PENDING = frozenset({Reason.PENDING, Reason.RETRIED, Reason.BROKEN, Reason.AWAITED})
STRIPPED = frozenset({Reason.STRIPPED, Reason.ADOPTED})
STANDING = {
    Reason.IGNORED: Sync.IGNORED,
    Reason.TAKEN: Sync.UNKNOWN,
    Reason.ABSENT: Sync.UNKNOWN,
}
"""What is not in sync, although there is nothing that could be done."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """One field, three ways; None where a side lacks it."""

    path: FieldPath
    live: Value
    wanted: Value
    last: tuple[Value, ...] = ()
    """The value that was applied last; empty where that is not known."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How one resource stands."""

    id: ResourceId
    sync: Sync
    address: str = ""
    note: str = ""
    fields: tuple[Divergence, ...] = ()
    applied: str = ""
    """The commit that its mark names."""
    origin: Origin | None = None
    reason: Reason | None = None
    """Why the plan does with it what it does."""

    @property
    def stripped(self) -> bool:
        """Whether it lost our labels, and nothing else."""
        return self.reason in STRIPPED


@dataclass(frozen=True, slots=True)
class Applied:
    """What the commits asked for that left their marks on what is live."""

    newest: str = ""
    by_commit: Mapping[str, Wanted] = field(default_factory=dict)
    """A commit that cannot be read is not in it."""

    def sides(self, have: Observed | None) -> tuple[Wanted, ...]:
        """By whom an object may have been written last: not every write leaves a mark."""
        own = have.marker.commit if have and have.marker else ""
        commits = dict.fromkeys(filter(None, (own, self.newest)))
        return tuple(self.by_commit[sha] for sha in commits if sha in self.by_commit)


def findings(plan: Plan, applied: Applied) -> tuple[Finding, ...]:
    """How every resource of the plan stands, sorted; what is not ours and not asked for is left
    out. The plan is the whole one, made with the fleet that git asks for now.
    """
    by_lineage: defaultdict[ResourceId, list[Change]] = defaultdict(list)
    for change in (*plan.changes, *plan.unchanged):
        by_lineage[change.id.lineage].append(change)
    found = (_finding(lineage, changes, applied) for lineage, changes in sorted(by_lineage.items()))
    return tuple(finding for finding in found if finding)


def _finding(lineage: ResourceId, changes: Sequence[Change], applied: Applied) -> Finding | None:
    wanted = next((change for change in changes if change.after), None)
    if wanted is None:
        left = next((c for c in changes if c.reason not in {Reason.FOREIGN, Reason.KEPT}), None)
        return _extra(lineage, left) if left else None
    older = {c.reason: c.before for c in changes if c.before}
    have = older.get(Reason.SUPERSEDED) or wanted.before or older.get(Reason.KEPT)
    sync, note, fields = _judged(wanted, older, applied)
    return Finding(
        lineage,
        sync,
        have.address if have else "",
        note,
        fields,
        have.marker.commit if have and have.marker else "",
        wanted.after.origin if wanted.after else None,
        reason=wanted.reason,
    )


def _extra(lineage: ResourceId, change: Change) -> Finding:
    have = change.before
    return Finding(
        lineage,
        Sync.EXTRA,
        have.address if have else "",
        change.reason.value,
        applied=have.marker.commit if have and have.marker else "",
    )


Judgement: TypeAlias = "tuple[Sync, str, tuple[Divergence, ...]]"


def _judged(change: Change, older: Mapping[Reason, Observed], applied: Applied) -> Judgement:
    match change.reason:
        case Reason.MISSING if Reason.SUPERSEDED in older:
            return _replaced(change, older[Reason.SUPERSEDED])
        case Reason.MISSING:
            return _missing(change, applied, kept=Reason.KEPT in older)
        case Reason.CHANGED:
            return _changed(change, applied)
        case reason if reason in PENDING:
            return Sync.PENDING, reason.value, ()
        case reason if reason in STRIPPED:
            return Sync.DRIFTED, "its labels were removed by hand", ()
        case reason:
            return STANDING.get(reason, Sync.SYNCED), reason.value, ()


def _replaced(change: Change, old: Observed) -> Judgement:
    """There is one with other content than git asks for; its mark says what was written."""
    moved = old.marker is not None and old.marker.digest != change.id.generation
    fields = tuple(
        Divergence(c.path, c.before, c.after) for c in content_changes(old.content, change.content)
    )
    if old.id.tampered:
        return (Sync.BOTH if moved else Sync.DRIFTED), "its content was changed by hand", fields
    return Sync.PENDING, "", fields


def _missing(change: Change, applied: Applied, *, kept: bool) -> Judgement:
    if not applied.by_commit:
        return Sync.PENDING, "not there yet", ()
    last = applied.by_commit.get(applied.newest, {}).get(change.id.lineage)
    if last and last.id == change.id:
        return Sync.DRIFTED, "not there, though the last applied commit asks for it", ()
    if last and not kept:
        return Sync.BOTH, "not there, and git asks for other content by now", ()
    return Sync.PENDING, "not there yet", ()


def _changed(change: Change, applied: Applied) -> Judgement:
    last = [found.get(change.id.lineage) for found in applied.sides(change.before)]
    known = [resource for resource in last if resource]
    fields = tuple(
        Divergence(f.path, f.before, f.after, tuple(_at(r, f.path) for r in known[-1:]))
        for f in change.fields
    )
    if not known:
        return Sync.UNKNOWN, "the commit that was applied last is not in this clone", fields
    live = any(all(f.live != _at(r, f.path) for r in known) for f in fields)
    git = any(f.wanted != _at(known[-1], f.path) for f in fields)
    match live, git:
        case True, True:
            return Sync.BOTH, "", fields
        case True, False:
            return Sync.DRIFTED, "", fields
        case _:
            return Sync.PENDING, "", fields


def _at(resource: Resource, path: FieldPath) -> Value:
    value: Value = resource.spec
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    # An empty mapping and none at all are one: the services drop empty tags and labels.
    return None if value == {} else value


def counts(found: Sequence[Finding]) -> Mapping[Sync, int]:
    """How many stand how, in the order of `Sync`."""
    return {sync: sum(f.sync is sync for f in found) for sync in Sync}


def drifting(found: Sequence[Finding]) -> Iterator[Finding]:
    return (finding for finding in found if finding.sync.is_drift)
