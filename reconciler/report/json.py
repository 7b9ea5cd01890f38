"""The plan as data, in Terraform's shape, with what is ours beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TypeAlias

from reconciler.diff import Action, Change
from reconciler.model import MASK, Diagnostic, Value, canonical
from reconciler.plan import UNKNOWN, Plan
from reconciler.plan.entries import Entry, entries

FORMAT = "1.0"
VOLATILE = ("timestamp", "expires_at", "plan_digest")
Document: TypeAlias = dict[str, Value]

ACTIONS = {
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.DELETE: "delete",
    Action.NOOP: "no-op",
}


def document(plan: Plan) -> Document:
    """Everything in the plan; the same plan gives the same document."""
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
        "resource_changes": tuple(_entry(entry) for entry in entries(plan)),
        "resource_drift": (),
        "checks": tuple(_diagnostic(d) for d in plan.diagnostics),
        "complete": True,
        "errored": not plan.applicable,
        "applyable": plan.applicable and bool(plan.changes),
    }
    return {**body, "plan_digest": digest(body)}


def digest(body: Document) -> str:
    """`sha256:...` over the canonical document without what differs from run to run."""
    stable = {key: value for key, value in body.items() if key not in VOLATILE}
    source = stable.get("source")
    if isinstance(source, Mapping):
        stable["source"] = {key: value for key, value in source.items() if key != "repo"}
    return "sha256:" + hashlib.sha256(canonical(stable).encode()).hexdigest()


def render(body: Document) -> str:
    return json.dumps(body, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _entry(entry: Entry) -> Document:
    change = entry.change
    old = entry.old[0].before if entry.old else change.before
    steps = (change, *entry.old)
    actions = ("create", "delete") if entry.replaces else (ACTIONS[change.action],)
    after: Value = None if change.action is Action.DELETE else _after(change)
    before: Value = ({**old.spec, **old.content} if old else None) or None
    return {
        "address": str(change.id),
        "type": change.id.kind,
        "name": change.id.name,
        "generation": change.id.generation,
        "action_reason": change.reason.name.lower(),
        "change": {
            "actions": actions,
            "before": before,
            "after": after,
            "after_unknown": _marked(after, UNKNOWN),
            "before_sensitive": _marked(before, MASK),
            "after_sensitive": _marked(after, MASK),
            "replace_paths": (),
        },
        "origin": _origin(change),
        "wave": entry.wave,
        "precondition": _precondition(change),
        "steps": tuple(
            {"action": ACTIONS[step.action], "precondition": _precondition(step)} for step in steps
        ),
    }


def _after(change: Change) -> Value:
    if not change.after:
        return None
    return change.content or change.after.spec


def _precondition(change: Change) -> Document:
    have = change.before
    if change.action is Action.CREATE or have is None:
        return {"absent": True}
    return {"address": have.address, "etag": have.version}


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
