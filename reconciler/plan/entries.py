"""The changes as people count them: a replacement is one thing, with two steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.diff import Action, Change, Reason
from reconciler.model import ResourceId
from reconciler.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a plan."""

    wave: int
    """Counts from 1."""
    change: Change
    old: tuple[Change, ...] = ()
    """For a replacement, the deletions of the older generations."""
    joins: bool = False
    """Whether it is created beside older generations, which are kept."""

    @property
    def replaces(self) -> bool:
        return bool(self.old)


def entries(plan: Plan) -> Iterator[Entry]:
    """In the order of the waves; a deletion stands with the creation that takes its place."""
    created = {c.id.lineage for c in plan.changes if c.action is Action.CREATE}
    kept = {c.id.lineage for c in plan.unchanged if c.reason is Reason.KEPT}
    older: defaultdict[ResourceId, list[Change]] = defaultdict(list)
    for change in plan.changes:
        if change.reason is Reason.SUPERSEDED:
            older[change.id.lineage].append(change)
    for number, wave in enumerate(plan.waves, start=1):
        for change in wave:
            if change.action is Action.CREATE:
                lineage = change.id.lineage
                yield Entry(number, change, tuple(older[lineage]), joins=lineage in kept)
            elif not (change.reason is Reason.SUPERSEDED and change.id.lineage in created):
                yield Entry(number, change)
