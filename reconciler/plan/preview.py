"""What will be written, as far as it is known before anything is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.diff import Action, Change
from reconciler.model import Kinds, Observed, Resolved, Resource, ResourceId, Spec, State, Value

UNKNOWN = "(known after apply)"


def previewed(
    changes: tuple[Change, ...], desired: Mapping[ResourceId, Resource], kinds: Kinds
) -> tuple[Change, ...]:
    """The changes, each creation with the document that will stand in the end."""
    there = (c for c in changes if c.action in {Action.NOOP, Action.UPDATE})
    known = {c.id: c.before for c in there if c.before}
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
        ref: _seen_or_promised(known.get(ref), desired[ref]) for ref in want.refs.values()
    }
    return kinds[want.id.kind].render(want, resolved)


def _seen_or_promised(have: Observed | None, want: Resource) -> Observed:
    if have and have.state is State.READY:
        return have
    said = have.status if have and have.state is State.PENDING else {}
    return Observed(want.id, want.spec, state=State.PENDING, status=_Coming(said))


class _Coming(Mapping[str, Value]):
    """The status of what is not there yet: whatever is not said is known after apply."""

    def __init__(self, said: Spec) -> None:
        self._said = {key: value for key, value in said.items() if value}

    def __getitem__(self, key: str) -> Value:
        return self._said.get(key, UNKNOWN)

    def __iter__(self) -> Iterator[str]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)
