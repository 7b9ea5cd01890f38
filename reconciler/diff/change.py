"""One difference, at resource level and at field level."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from reconciler.model import FieldPath, FieldRule, Observed, Refs, Resource, ResourceId, Spec, Value


class Action(Enum):
    """What we intend to do. The past tense lives in `plan.outcome.Result`."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NOOP = "noop"


class Reason(Enum):
    """Why that action: shown to people and weighed by the guards, invisible to the executor."""

    MISSING = "not in the cloud yet"
    PENDING = "its build is still running; this run waits for it"
    RETRIED = "its last build failed, and it is tried again"
    CHANGED = "fields differ"
    STRIPPED = (
        "its labels were removed by hand; its content is as it should be, and it is left alone"
    )
    ADOPTED = "its labels were removed by hand; they are written back"
    IGNORED = "differs, and is left alone until a date that was agreed on"
    SETTLED = "the older generation is gone"
    RELEASED = "what takes over is there"
    RENAMED = "its new name has taken over"
    REMOVED = "no longer in git"
    SUPERSEDED = "another generation takes its place"
    KEPT = "an older generation, which its kind keeps"
    HELD = "no longer in git, but something that stays refers to it"
    EXTRA = "no longer in git; nothing is deleted without prune"
    UNTOUCHED = "no longer in git; only prune with deleteDevices would delete it"
    FOREIGN = "in the cloud but not ours"
    SHARED = "the same content is there already, managed elsewhere"
    TAKEN = "its id is taken by something that is not ours"
    BROKEN = "its last build failed; it is not tried again until an input changes"
    ABSENT = "only referred to, and not there"
    AWAITED = "only referred to, and not there yet"
    SAME = "in sync"


@dataclass(frozen=True, slots=True)
class FieldChange:
    path: FieldPath
    before: Value
    after: Value
    rule: FieldRule


@dataclass(frozen=True, slots=True)
class Change:
    """What one resource needs, with both sides kept as evidence."""

    id: ResourceId
    action: Action
    reason: Reason
    before: Observed | None
    after: Resource | None
    fields: tuple[FieldChange, ...] = ()
    unknown: tuple[FieldPath, ...] = ()
    """Fields that refer to what this plan builds: their value is known after apply."""
    settled: Resource | None = None
    """For a creation beside an older generation: what it is updated to once that is gone."""
    content: Spec = field(default_factory=dict)
    """For a creation, the document that will stand in the end, secrets masked: to be shown."""
    hidden: tuple[FieldPath, ...] = ()
    """Fields of either side that are compared and never printed."""

    @property
    def refs(self) -> Refs:
        """What it refers to once the change is done."""
        side = None if self.action is Action.DELETE else self.after or self.before
        return side.refs if side else {}
