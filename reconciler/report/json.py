"""The plan as data, in Terraform's shape, with what is ours beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from reconciler.diff import Action, Change, Reason
from reconciler.diff.content import content_changes
from reconciler.model import (
    MASK,
    Diagnostic,
    FieldPath,
    Observed,
    Resource,
    ResourceId,
    Spec,
    Value,
    canonical,
    mapping,
    replaced,
    sequence,
)
from reconciler.plan import UNKNOWN, Plan
from reconciler.plan.budget import budget, operation
from reconciler.plan.entries import Entry, entries
from reconciler.report import impact
from reconciler.report.evidence import precondition, weighed
from reconciler.report.inverse import inverse

FORMAT = "1.0"
DIGESTED = ("environment", "owner", "provider", "source", "resource_changes")
"""What a plan does, and to what. When it was made, what is thought of it and what becomes of
devices, which come and go, changes none of that; nor does what a later version may add."""
Document: TypeAlias = dict[str, Value]

ACTIONS = {
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.DELETE: "delete",
    Action.NOOP: "no-op",
}


def document(plan: Plan) -> Document:
    """Everything in the plan; the same plan gives the same document."""
    waves = {c.id: number for number, wave in enumerate(plan.waves, start=1) for c in wave}
    body: Document = {
        "format_version": FORMAT,
        "environment": plan.scope.environment,
        "owner": plan.scope.owner,
        "provider": plan.provider,
        "source": {
            "repo": plan.commit.repository,
            "commit": plan.commit.sha,
            "dirty": plan.commit.dirty,
        },
        "resource_changes": tuple(_entry(entry, waves) for entry in entries(plan)),
        "resource_drift": tuple(_drift(plan)),
        "budget": budget(plan),
        "checks": tuple(_diagnostic(d) for d in plan.diagnostics),
        "complete": not plan.left_out,
        "errored": not plan.applicable,
        "applyable": plan.applicable and bool(plan.changes),
    }
    return {**_with_impact(body, plan), "plan_digest": digest(body)}


def _with_impact(body: Document, plan: Plan) -> Document:
    """What becomes of devices, today; nothing where no device was looked at."""
    if plan.impact is None:
        return body
    changes = zip(entries(plan), sequence(body["resource_changes"]), strict=True)
    return {
        **body,
        "resource_changes": tuple(
            {**mapping(told), "impact": impact.of_change(plan.impact, entry.change.id)}
            for entry, told in changes
        ),
        **impact.document(plan.impact),
        "complete": bool(body["complete"]) and not plan.impact.doubts,
    }


def digest(body: Document) -> str:
    """`sha256:...` over the canonical document of what would be done, and to what."""
    stable = {key: body.get(key) for key in DIGESTED}
    source = mapping(body.get("source"))
    stable["source"] = {key: value for key, value in source.items() if key != "repo"}
    changes = sequence(body.get("resource_changes"))
    stable["resource_changes"] = tuple(_lasting(mapping(change)) for change in changes)
    return "sha256:" + hashlib.sha256(canonical(stable).encode()).hexdigest()


def _lasting(entry: Spec) -> Spec:
    """An entry without what moves while everything stays as it is."""
    kept = {key: value for key, value in entry.items() if key != "impact"}
    steps = tuple(map(mapping, sequence(entry.get("steps"))))
    return {
        **kept,
        "precondition": weighed(mapping(entry.get("precondition"))),
        "steps": tuple(
            {**step, "precondition": weighed(mapping(step.get("precondition")))} for step in steps
        ),
    }


def render(body: Document) -> str:
    """JSON in ASCII: nothing in it can act on a terminal."""
    return json.dumps(body, indent=2, sort_keys=True) + "\n"


def _entry(entry: Entry, waves: Mapping[ResourceId, int]) -> Document:
    change = entry.change
    before, after = _sides(entry)
    actions = ("create", "delete") if entry.replaces else (ACTIONS[change.action],)
    return {
        "address": str(change.id),
        "type": change.id.kind,
        "name": change.id.name,
        "generation": change.id.generation,
        "action_reason": _reason(entry),
        "change": {
            "actions": actions,
            "before": before,
            "after": after,
            "after_unknown": _marked(after, UNKNOWN),
            "before_sensitive": _marked(before, MASK),
            "after_sensitive": _marked(after, MASK),
            "replace_paths": _replaced(entry),
        },
        "origin": _origin(change),
        "wave": entry.wave,
        "class": operation(change),
        "impact": None,
        "precondition": precondition(change),
        "inverse": inverse(entry, before),
        "steps": tuple(_steps(entry, waves)),
    }


def _drift(plan: Plan) -> Iterator[Document]:
    """What was changed by hand, as far as the live objects alone show it."""
    made = {c.id.lineage: c for c in plan.changes if c.action is Action.CREATE}
    for change in sorted((*plan.changes, *plan.unchanged), key=lambda c: c.id):
        live = change.before
        if live is None or change.reason in {Reason.FOREIGN, Reason.IGNORED}:
            continue
        new = made.get(change.id.lineage, change)
        if change.id.tampered:
            digest = live.marker.digest if live.marker else ""
            written = new.content if digest == new.id.generation else None
            yield _drifted(change, "content_changed_by_hand", _masked(written, new), new)
        elif change.reason in {Reason.STRIPPED, Reason.ADOPTED}:
            written = _masked(_document(live), change)
            yield _drifted(change, "labels_removed_by_hand", written, change)


def _drifted(change: Change, reason: str, before: Spec | None, new: Change) -> Document:
    """`new` knows what must not be printed."""
    after = _masked(_document(change.before), new)
    return {
        "address": str(change.id),
        "type": change.id.kind,
        "name": change.id.name,
        "object": change.before.address if change.before else "",
        "action_reason": reason,
        "change": {
            "actions": ("update",),
            "before": before,
            "after": after,
            "before_sensitive": _marked(before, MASK),
            "after_sensitive": _marked(after, MASK),
        },
    }


def _steps(entry: Entry, waves: Mapping[ResourceId, int]) -> Iterator[Document]:
    for step in (entry.change, *entry.old):
        yield {
            "action": ACTIONS[step.action],
            "wave": waves[step.id],
            "precondition": precondition(step),
        }
    if entry.change.settled:
        last = max(waves[step.id] for step in (entry.change, *entry.old))
        yield {"action": "update", "wave": last, "precondition": None}


def _sides(entry: Entry) -> tuple[Spec | None, Spec | None]:
    """Both documents, in one shape: of an update, the fields that change in place."""
    change = entry.change
    old = entry.old[0] if entry.old else change
    match change:
        case Change(action=Action.CREATE):
            before = _document(old.before) if entry.replaces else None
            after: Spec | None = change.content
        case Change(action=Action.UPDATE, before=Observed() as have, after=Resource() as want):
            before = have.spec
            touched = {*have.spec, *(field.path[0] for field in change.fields)}
            after = {key: value for key, value in want.spec.items() if key in touched}
        case _:
            before, after = _document(change.before), None
    return _masked(before, change), _masked(after, change)


def _document(have: Observed | None) -> Spec | None:
    return (have.content or have.spec) if have else None


def _masked(side: Spec | None, change: Change) -> Spec | None:
    return None if side is None else replaced(side, dict.fromkeys(change.hidden, MASK))


def _replaced(entry: Entry) -> tuple[FieldPath, ...]:
    old = entry.old[0].before if entry.old else None
    changes = content_changes(old.content, entry.change.content) if old else ()
    return tuple(change.path for change in changes)


def _reason(entry: Entry) -> str:
    """In Terraform's words where it has them."""
    match entry.change.reason:
        case Reason.MISSING if entry.replaces:
            return "replace_because_cannot_update"
        case Reason.REMOVED:
            return "delete_because_no_resource_config"
        case reason:
            return reason.name.lower()


def _origin(change: Change) -> Value:
    origin = change.after.origin if change.after else None
    if origin is None:
        return None
    return {"file": origin.path, "line": origin.line, "column": origin.column}


def _marked(value: Value, mark: str) -> Value:
    """The same shape with `true` where the value is `mark`, and nothing anywhere else."""
    if isinstance(value, Mapping):
        found = {key: _marked(inner, mark) for key, inner in value.items()}
        return {key: inner for key, inner in found.items() if inner}
    if isinstance(value, tuple):
        marks = tuple(_marked(inner, mark) for inner in value)
        return marks if any(marks) else ()
    return value == mark


def _diagnostic(diagnostic: Diagnostic) -> Document:
    return {
        "status": "fail" if diagnostic.severity.value == "error" else "warn",
        "code": diagnostic.code,
        "address": str(diagnostic.subject) if diagnostic.subject else "",
        "problem": diagnostic.summary,
        "hint": diagnostic.hint,
        "file": diagnostic.origin.path if diagnostic.origin else "",
        "line": diagnostic.origin.line if diagnostic.origin else 0,
    }
