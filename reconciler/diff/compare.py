"""From two states to an ordered tuple of changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.diff.change import Action, Change, FieldChange, Reason
from reconciler.model import (
    ActualState,
    DesiredState,
    FieldPath,
    FieldRule,
    Kind,
    Kinds,
    Observed,
    Resource,
    ResourceId,
    State,
    Superseded,
    Value,
)


@dataclass(frozen=True, slots=True)
class Intent:
    """What the environment and the caller allow a diff to ask for."""

    prune: bool = False
    """Whether what left git is deleted."""
    leaving: Collection[ResourceId] = ()
    """Lineages that go in any case."""
    kept: frozenset[str] = frozenset()
    """Kinds that are not deleted all the same."""
    retry_failed: bool = False
    """Whether a build that failed is tried again although none of its inputs changed."""


def diff(
    desired: DesiredState, actual: ActualState, kinds: Kinds, intent: Intent
) -> tuple[Change, ...]:
    """Every resource on either side, once, sorted by id."""
    heirs = {resource_id.lineage for resource_id in desired.resources}
    renamed = {
        ResourceId(want.id.kind, name)
        for want in desired.resources.values()
        if (name := kinds[want.id.kind].succeeds(want.spec))
    }
    changes = []
    for resource_id in sorted({*desired.resources, *actual.resources}):
        want, have = desired.resources.get(resource_id), actual.resources.get(resource_id)
        kind = kinds[resource_id.kind]
        match want, have:
            case Resource(), _ if not kind.managed(want.spec):
                change = Change(resource_id, Action.NOOP, _referred(have), have, want)
            case Resource(), None:
                change = Change(resource_id, Action.CREATE, Reason.MISSING, None, want)
            case Resource(), Observed():
                change = _meet(want, have, kind, intent)
            case _, Observed():
                change = _leave(have, kind, intent, superseded=resource_id.lineage in heirs)
                if resource_id.lineage in renamed and change.reason is not Reason.FOREIGN:
                    change = Change(have.id, Action.DELETE, Reason.RENAMED, have, None)
            case _:
                raise AssertionError(f"{resource_id} is on neither side")
        changes.append(replace(change, hidden=_hidden(change, kind)))
    return tuple(_in_company(changes))


def _referred(have: Observed | None) -> Reason:
    """How what is never written stands."""
    if have is None:
        return Reason.ABSENT
    return Reason.AWAITED if have.state is State.PENDING else Reason.SAME


def _meet(want: Resource, have: Observed, kind: Kind, intent: Intent) -> Change:
    match have.state:
        case State.FAILED if intent.retry_failed:
            return Change(want.id, Action.CREATE, Reason.RETRIED, have, want)
        case State.FAILED:
            return Change(want.id, Action.NOOP, Reason.BROKEN, have, want)
        case State.PENDING:
            return Change(want.id, Action.CREATE, Reason.PENDING, have, want)
        case State.READY:
            return _compare(want, have, kind)


def _compare(want: Resource, have: Observed, kind: Kind) -> Change:
    if not have.owned:
        # What is kept for ever and known by its content can be used by many, and written by one.
        shared = kind.superseded is Superseded.KEEP
        return Change(want.id, Action.NOOP, Reason.SHARED if shared else Reason.TAKEN, have, want)
    fields = differences(have, want, kind)
    if not fields:
        return Change(want.id, Action.NOOP, Reason.SAME, have, want)
    return Change(want.id, Action.UPDATE, Reason.CHANGED, have, want, fields)


def differences(have: Observed, want: Resource, kind: Kind) -> tuple[FieldChange, ...]:
    """The fields that an update in place would write."""
    return tuple(_fields(have.spec, want.spec, (), kind))


def _leave(have: Observed, kind: Kind, intent: Intent, *, superseded: bool) -> Change:
    if not have.owned:
        return Change(have.id, Action.NOOP, Reason.FOREIGN, have, None)
    if superseded and kind.superseded is Superseded.KEEP:
        return Change(have.id, Action.NOOP, Reason.KEPT, have, None)
    if superseded:
        return Change(have.id, Action.DELETE, Reason.SUPERSEDED, have, None)
    pruned = intent.prune and have.id.kind not in intent.kept
    if pruned or have.id.lineage in intent.leaving:
        return Change(have.id, Action.DELETE, Reason.REMOVED, have, None)
    reason = Reason.UNTOUCHED if have.id.kind in intent.kept else Reason.EXTRA
    return Change(have.id, Action.NOOP, reason, have, None)


def _fields(before: Value, after: Value, path: FieldPath, kind: Kind) -> Iterator[FieldChange]:
    if before == after:
        return
    # An empty mapping and none at all are one: the services drop empty tags and labels.
    old, new = ({} if side is None else side for side in (before, after))
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from _fields(old.get(key), new.get(key), (*path, key), kind)
    # Equal ids have equal content: there is nothing in CONTENT fields that could be written.
    elif (rule := kind.rule(path)) not in {FieldRule.IGNORE, FieldRule.CONTENT}:
        yield FieldChange(path, before, after, rule)


def _hidden(change: Change, kind: Kind) -> tuple[FieldPath, ...]:
    if FieldRule.HIDDEN not in (kind.otherwise, *kind.rules.values()):
        return ()
    sides = [side.spec for side in (change.before, change.after) if side]
    return tuple(sorted({path for side in sides for path in _hiding(side, (), kind)}))


def _hiding(value: Value, path: FieldPath, kind: Kind) -> Iterator[FieldPath]:
    if isinstance(value, Mapping) and value:
        for key in value:
            yield from _hiding(value[key], (*path, key), kind)
    elif path and kind.rule(path) is FieldRule.HIDDEN:
        yield path


def _in_company(changes: Collection[Change]) -> Iterator[Change]:
    """Add what can only be said of a change when all the others are known."""
    held = _held(changes)
    # What has no generation stands in what refers to it as it is asked for: that is known.
    coming = {c.id for c in changes if c.action is Action.CREATE or c.reason is Reason.AWAITED}
    built = {resource_id for resource_id in coming if resource_id.generation}
    for change in changes:
        if change.id in held:
            yield replace(change, action=Action.NOOP, reason=Reason.HELD)
        elif change.action in {Action.CREATE, Action.UPDATE}:
            unknown = sorted(path for path, ref in change.refs.items() if ref in built)
            yield replace(change, unknown=tuple(unknown))
        else:
            yield change


def _held(changes: Collection[Change]) -> set[ResourceId]:
    """What cannot go because something that stays refers to it, directly or through others."""
    leaving = {c.id: c.before for c in changes if c.action is Action.DELETE and c.before}
    held: set[ResourceId] = set()
    queue = [ref for change in changes for ref in change.refs.values()]
    while queue:
        ref = queue.pop()
        if ref in leaving and ref not in held:
            held.add(ref)
            queue += leaving[ref].refs.values()
    return held
