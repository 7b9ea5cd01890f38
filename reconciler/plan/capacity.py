"""Fit a plan into a place that holds only so many objects, ours and others'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.diff import Action, Change, Reason
from reconciler.model import Diagnostic, Kinds, ResourceId, Severity
from reconciler.plan.graph import Edges

LISTED = 10
"""How many objects that could go are named."""


@dataclass(frozen=True, slots=True)
class Room:
    """How full a provider gets with one kind of object."""

    kind: str
    limit: int
    live: int
    peak: int


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether and in what order the changes of a plan fit."""

    rooms: tuple[Room, ...] = ()
    after: Edges = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()


def fit(
    changes: Collection[Change],
    kinds: Kinds,
    limits: Mapping[str, int],
    untouched: Mapping[str, int] | None = None,
) -> Fit:
    """Where all creations fit beside what is there, they need no order. Near the limit, as many
    replacements go side by side as there are free slots, each slot being freed by a deletion
    before it is used again, and creations that free no slot come last.

    `limits` are the environment's, by kind; without one, the kind's own capacity holds.
    `untouched` are, by kind, live objects that are not among the changes.
    """
    rooms: list[Room] = []
    after: dict[ResourceId, tuple[ResourceId, ...]] = {}
    said: list[Diagnostic] = []
    for kind in sorted(kinds):
        limit = limits.get(kind, kinds[kind].capacity)
        ours = [change for change in changes if change.id.kind == kind]
        if limit and any(change.action is Action.CREATE for change in ours):
            room, edges, refusal = _one(kind, limit, ours, (untouched or {}).get(kind, 0))
            rooms.append(room)
            after.update(edges)
            said += refusal
    return Fit(tuple(rooms), after, tuple(said))


def _one(
    kind: str, limit: int, changes: Collection[Change], untouched: int
) -> tuple[Room, Edges, list[Diagnostic]]:
    live = untouched + sum(change.before is not None for change in changes)
    creations = [c for c in changes if c.action is Action.CREATE and c.before is None]
    free = limit - live
    if len(creations) <= free:
        return Room(kind, limit, live, live + len(creations)), {}, []
    freed = _freed(changes)
    replacing = [c.id for c in creations if c.id.lineage in freed]
    new = [c.id for c in creations if c.id.lineage not in freed]
    peak = live + max(len(new), min(1, len(replacing)))
    if peak > limit:
        return Room(kind, limit, live, peak), {}, [_refused(kind, limit, live, changes, peak)]
    after: dict[ResourceId, tuple[ResourceId, ...]] = {}
    for earlier, later in zip(replacing, replacing[free:], strict=False):
        after[later] = freed[earlier.lineage]
    last = tuple(old for done in replacing[-free:] for old in freed[done.lineage])
    after.update(dict.fromkeys(new, last))
    return Room(kind, limit, live, limit), after, []


def _freed(changes: Collection[Change]) -> Mapping[ResourceId, tuple[ResourceId, ...]]:
    """By lineage, the older generations that a creation lets go."""
    found: defaultdict[ResourceId, list[ResourceId]] = defaultdict(list)
    for change in changes:
        if change.action is Action.DELETE and change.reason is Reason.SUPERSEDED:
            found[change.id.lineage].append(change.id)
    return {lineage: tuple(ids) for lineage, ids in found.items()}


def _refused(
    kind: str, limit: int, live: int, changes: Collection[Change], peak: int
) -> Diagnostic:
    could_go = sorted(_could_go(changes))
    more = f" and {len(could_go) - LISTED} more" if len(could_go) > LISTED else ""
    listed = f"{', '.join(could_go[:LISTED])}{more}" if could_go else "none of ours"
    return Diagnostic(
        Severity.ERROR,
        "guard.capacity",
        f"{live} of {limit} {kind} objects exist, and the plan needs {peak} at its peak",
        f"nothing is deleted before its replacement stands; what could go: {listed}",
    )


def _could_go(changes: Collection[Change]) -> Iterator[str]:
    """Ours that git no longer asks for."""
    idle = {Reason.EXTRA, Reason.UNTOUCHED, Reason.REMOVED, Reason.SUPERSEDED, Reason.HELD}
    yield from (c.before.address for c in changes if c.before and c.reason in idle)
