"""The plan: what will happen, in what order, and what it was based on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.diff import Action, Change, Reason
from reconciler.model import Commit, Diagnostic, Resource, ResourceId, Scope, errors
from reconciler.plan.capacity import Room
from reconciler.plan.graph import Edges
from reconciler.plan.impact import Impact


@dataclass(frozen=True, slots=True)
class Limit:
    """How many of something one apply may touch; the percent counts above `MINIMUM` objects."""

    most: int
    percent: float


DOUBTS = ("devices.incomplete", "guard.conditions")
"""What is said where devices may be missing in the counts."""
MINIMUM = 10
"""Below this many objects a percentage says nothing."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How much damage one apply may do without somebody saying so."""

    prune: bool = False
    kept: frozenset[str] = frozenset()
    """Kinds that are not deleted all the same."""
    deletes: Limit = Limit(5, 20.0)
    replaces: Limit = Limit(50, 50.0)
    devices: Limit = Limit(1_000_000, 100.0)
    """Devices whose effective manifest changes; a hub holds no more than a million."""
    capacity: Mapping[str, int] = field(default_factory=dict)
    """By kind, how many objects the provider holds, where that is not the kind's own number."""


@dataclass(frozen=True, slots=True)
class Plan:
    commit: Commit
    scope: Scope
    provider: str
    waves: tuple[tuple[Change, ...], ...] = ()
    """Changes of one wave do not depend on each other; waves run in order."""
    after: Edges = field(default_factory=dict)
    """Beyond what a change cannot do without: what else is over before it begins."""
    meanwhile: Mapping[ResourceId, Resource] = field(default_factory=dict)
    """For an update that takes something away, what it writes before all else is there."""
    rooms: tuple[Room, ...] = ()
    """How full the provider gets with what it holds only so many of."""
    unchanged: tuple[Change, ...] = ()
    """What stays as it is, and what was observed of it."""
    diagnostics: tuple[Diagnostic, ...] = ()
    objects: int = 0
    """Live objects that were read, foreign ones too."""
    requests: int = 0
    desired: Mapping[ResourceId, Resource] = field(default_factory=dict)
    left_out: int = 0
    """Changes that are needed and not in this plan, because a part was asked for."""
    impact: Impact | None = None
    """What becomes of the devices; None where no device was looked at."""
    policy: Policy = field(default_factory=Policy)

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(change for wave in self.waves for change in wave)

    @property
    def applicable(self) -> bool:
        return not errors(self.diagnostics)

    @property
    def in_doubt(self) -> bool:
        """Whether it cannot be applied because not all could be read that it is made from."""
        return any(each.code in DOUBTS for each in errors(self.diagnostics))

    @property
    def stuck(self) -> tuple[Change, ...]:
        """What is not there, and what this plan will not make: builds that failed before."""
        return tuple(c for c in self.unchanged if c.reason in {Reason.BROKEN, Reason.ABSENT})

    def count(self, action: Action) -> int:
        return sum(change.action is action for change in self.changes)


def applied_commits(plan: Plan) -> frozenset[str]:
    """The commits that wrote what is there of ours."""
    seen = (change.before for change in (*plan.unchanged, *plan.changes))
    marks = (item.marker for item in seen if item and item.owned)
    return frozenset(mark.commit for mark in marks if mark and mark.commit)
