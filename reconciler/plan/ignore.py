"""Differences that people have agreed to leave alone until a date: the live value is kept.

A rule is honoured where the diff is made, so that what is not shown is not written either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from reconciler.diff import Action, Change, FieldChange, Reason
from reconciler.model import (
    Diagnostic,
    FieldPath,
    Origin,
    Resource,
    ResourceId,
    Severity,
    Spec,
    Value,
)


@dataclass(frozen=True, slots=True)
class Ignore:
    """One agreement: on which resources, on which fields, and how long it holds."""

    match: str
    """A KIND/NAME glob."""
    until: str
    """The first day on which it does not hold any more, as `2026-12-31`."""
    paths: tuple[FieldPath, ...] = ()
    """Fields below these; none for the whole object."""
    origin: Origin | None = None


def ignored(changes: Sequence[Change], rules: Collection[Ignore], today: str) -> tuple[Change, ...]:
    """The changes without what a rule that still holds leaves alone."""
    holding = [rule for rule in rules if today < rule.until]
    if not holding:
        return tuple(changes)
    touched = {c.id.lineage for c in changes if c.reason is Reason.SUPERSEDED and c.id.tampered}
    return tuple(_left(change, _rules_for(change, holding), touched) for change in changes)


def agreements(
    changes: Sequence[Change], rules: Collection[Ignore], today: str
) -> Iterator[Diagnostic]:
    """What must be said of rules: that one is over, or that none of its objects is there."""
    ids = {str(change.id) for change in changes}
    for rule in rules:
        if rule.until <= today:
            summary = f"this agreement on {rule.match} ended on {rule.until}; it counts no more"
            yield _about(rule, "ignore.over", summary, "remove it, or put the object right")
        elif not any(fnmatchcase(name, rule.match) for name in ids):
            summary = f"nothing here is called {rule.match}"
            yield _about(rule, "ignore.unused", summary, "remove it, or correct the name")


def _about(rule: Ignore, code: str, summary: str, hint: str) -> Diagnostic:
    return Diagnostic(Severity.WARNING, code, summary, hint, origin=rule.origin)


def _rules_for(change: Change, rules: Collection[Ignore]) -> tuple[Ignore, ...]:
    return tuple(rule for rule in rules if fnmatchcase(str(change.id), rule.match))


def _left(change: Change, rules: Sequence[Ignore], touched: Collection[ResourceId]) -> Change:
    if not rules:
        return change
    whole = any(not rule.paths for rule in rules)
    if change.id.lineage in touched and whole:
        # What was changed by hand stays, and nothing is put beside it.
        return replace(change, action=Action.NOOP, reason=Reason.IGNORED)
    if change.action is not Action.UPDATE or change.after is None:
        return change
    kept = [f for f in change.fields if whole or any(_covers(rule, f) for rule in rules)]
    if len(kept) == len(change.fields) and change.reason is Reason.CHANGED:
        return replace(change, action=Action.NOOP, reason=Reason.IGNORED)
    return replace(
        change,
        after=_with_live(change.after, kept),
        fields=tuple(field for field in change.fields if field not in kept),
    )


def _covers(rule: Ignore, field: FieldChange) -> bool:
    return any(field.path[: len(path)] == path for path in rule.paths)


def _with_live(want: Resource, fields: Collection[FieldChange]) -> Resource:
    spec = want.spec
    for field in fields:
        spec = _put(spec, field.path, field.before)
    return replace(want, spec=spec)


def _put(spec: Spec, path: FieldPath, value: Value) -> Spec:
    first, rest = path[0], path[1:]
    inner = spec.get(first)
    put = _put(inner if isinstance(inner, Mapping) else {}, rest, value) if rest else value
    if put is None:
        return {key: each for key, each in spec.items() if key != first}
    return {**spec, first: put}
