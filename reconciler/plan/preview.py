"""What will be written, as far as it is known before anything is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.diff import Action, Change, Reason
from reconciler.model import Kinds, Observed, Resolved, Resource, ResourceId, Spec, Value

UNKNOWN = "(known after apply)"


def previewed(
    changes: tuple[Change, ...], desired: Mapping[ResourceId, Resource], kinds: Kinds
) -> tuple[Change, ...]:
    """The changes, each creation with the document that will stand in the end."""
    there = (c for c in changes if c.action in {Action.NOOP, Action.UPDATE})
    known = {c.id: c.before for c in there if c.before and c.reason is not Reason.BROKEN}
    return tuple(
        replace(c, content=document(c.settled or c.after, desired, known, kinds))
        if c.action is Action.CREATE and c.after
        else c
        for c in changes
    )


def document(
    want: Resource,
    desired: Mapping[ResourceId, Resource],
    known: Mapping[ResourceId, Observed],
    kinds: Kinds,
) -> Spec:
    """What the kind renders; a reference to what is not there yet renders as `UNKNOWN`."""
    resolved: Resolved = {
        ref: known.get(ref) or _promised(desired[ref]) for ref in want.refs.values()
    }
    return kinds[want.id.kind].render(want, resolved)


def _promised(want: Resource) -> Observed:
    return Observed(want.id, want.spec, status=_Unknown())


class _Unknown(Mapping[str, Value]):
    """The status of what is not built yet: whatever is asked of it is known after apply."""

    def __getitem__(self, key: str) -> Value:
        return UNKNOWN

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
