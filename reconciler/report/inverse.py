"""What would undo each change of a plan, as far as anything can."""

from __future__ import annotations

from reconciler.diff import Action, Reason
from reconciler.model import MASK, Spec, Value, mapping
from reconciler.plan.entries import Entry

STAYS = (
    "what was registered or built stays: it is known by its content, and used again when that is"
    " asked for again"
)
NOTED = "its labels stay: without them nobody would know whose it is"
HIDDEN = "it holds a secret, which is written nowhere: the commit that it came from has the rest"
GONE = "what was in it cannot be read back: the commit that it came from has it"
KEPT = frozenset({"Device", "Image", "Model"})
"""Kinds whose objects are never taken back."""


def inverse(entry: Entry, before: Spec | None) -> dict[str, Value]:
    """The actions that would undo it, and what would be there again; none, and why, where nothing
    can undo it. `before` is what is there now, as it is shown, secrets masked.
    """
    if because := _why_not(entry, before):
        return {"actions": (), "after": None, "because": because}
    return {"actions": _actions(entry), "after": before, "because": ""}


def _actions(entry: Entry) -> tuple[str, ...]:
    match entry.change.action:
        case Action.UPDATE:
            return ("update",)
        case Action.CREATE:
            return ("create", "delete") if entry.replaces else ("delete",)
        case Action.DELETE | Action.NOOP:
            return ("create",)


def _why_not(entry: Entry, before: Spec | None) -> str:
    """Why nothing can undo a change; empty if something can."""
    change = entry.change
    if change.reason is Reason.ADOPTED:
        return NOTED
    if MASK in _leaves(before):
        return HIDDEN
    if change.id.kind in KEPT and change.action is not Action.UPDATE:
        return STAYS if change.action is Action.CREATE else GONE
    return ""


def _leaves(value: Value) -> frozenset[Value]:
    if isinstance(value, tuple):
        return frozenset().union(*map(_leaves, value))
    if value is None or isinstance(value, str | int | float):
        return frozenset({value})
    return frozenset().union(*map(_leaves, mapping(value).values()))
