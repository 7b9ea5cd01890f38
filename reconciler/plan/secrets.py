"""Which rotation of a secret the fleet asks for, known without writing down any of the secret.

The hub returns deployments in clear, so what is live can be compared in memory with what the
reference resolves to now. Only the counter of rotations is kept, as a label of what holds the
secret, and only the counter enters a generation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconciler.model import (
    ActualState,
    Diagnostic,
    HeldSecret,
    Kinds,
    Observed,
    Resource,
    Severity,
    State,
)

COUNTER = "counter"
UNAVAILABLE = "secret.unavailable"


def counted(drafts: Iterable[Resource], actual: ActualState, kinds: Kinds) -> tuple[Resource, ...]:
    """The drafts, with the rotation that each secret has reached.

    It goes up by one when the newest live holder has another secret than the reference resolves
    to. While the reference cannot be resolved, the live counter stands.
    """
    return tuple(
        replace(d, spec={**d.spec, COUNTER: _counter(d, actual)}) if kinds[d.id.kind].rotates else d
        for d in drafts
    )


def unavailable(
    drafts: Iterable[Resource], actual: ActualState, kinds: Kinds
) -> Iterator[Diagnostic]:
    """A warning for every secret that cannot be read here: a plan goes on without it."""
    for draft in drafts:
        if kinds[draft.id.kind].rotates and not _resolved(draft, actual):
            seen = actual.resources.get(draft.id)
            why = str(seen.status.get("reason") or "") if seen else ""
            said = _pending(why) if seen and seen.state is State.PENDING else _missing(why)
            yield replace(said, subject=draft.id, origin=draft.origin)


def _missing(why: str) -> Diagnostic:
    return Diagnostic(
        Severity.WARNING,
        UNAVAILABLE,
        f"its secret is unavailable here{': ' if why else ''}{why}",
        "a plan goes on without it; apply will refuse to write what needs it",
    )


def _pending(why: str) -> Diagnostic:
    return Diagnostic(
        Severity.WARNING,
        "secret.pending",
        f"its secret is not there yet{': ' if why else ''}{why}",
        "apply reads it right before it writes what needs it",
    )


def _counter(draft: Resource, actual: ActualState) -> int:
    held = [h for o in actual.resources.values() if o.owned for h in _holds(o, draft)]
    newest = max((h.counter for h in held), default=0)
    resolved = _resolved(draft, actual)
    if not held or resolved is None:
        return max(newest, 1)
    current = any(h.counter == newest and h.secret == resolved.secret for h in held)
    return newest if current else newest + 1


def _resolved(draft: Resource, actual: ActualState) -> HeldSecret | None:
    seen = actual.resources.get(draft.id)
    return seen.secrets.get(draft.id.name) if seen else None


def _holds(observed: Observed, draft: Resource) -> Iterator[HeldSecret]:
    if observed.id.kind != draft.id.kind and draft.id.name in observed.secrets:
        yield observed.secrets[draft.id.name]
