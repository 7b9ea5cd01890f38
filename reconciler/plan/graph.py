"""Order changes so that nothing is built before, or removed from under, what needs it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from typing import TypeAlias

from reconciler.diff import Action, Change, Reason
from reconciler.model import Kinds, ResourceId

Edges: TypeAlias = Mapping[ResourceId, tuple[ResourceId, ...]]
"""For a change, the changes that come first."""
LAST = frozenset({Reason.REMOVED, Reason.RENAMED})
"""What goes when everything else is there."""


def joined(*edges: Edges) -> Edges:
    """All of them, in one mapping."""
    found: defaultdict[ResourceId, tuple[ResourceId, ...]] = defaultdict(tuple)
    for some in edges:
        for change, first in some.items():
            found[change] += first
    return dict(found)


def following(changes: Collection[Change], kinds: Kinds) -> Edges:
    """What is written after all that its kind follows."""
    writes = [c for c in changes if c.action in {Action.CREATE, Action.UPDATE}]
    first = {
        kind: tuple(change.id for change in writes if change.id.kind in kinds[kind].follows)
        for kind in {change.id.kind for change in writes}
    }
    return {change.id: first[change.id.kind] for change in writes if first[change.id.kind]}


def waves(changes: Iterable[Change], after: Edges) -> tuple[tuple[Change, ...], ...]:
    """Group changes into waves; what left git goes last."""
    by_id = {change.id: change for change in changes}
    depth: dict[ResourceId, int] = {}
    needs = waits(by_id.values())
    first = {key: (*needs[key], *after.get(key, ())) for key in needs}
    for resource_id in TopologicalSorter(first).static_order():
        depth[resource_id] = 1 + max((depth[n] for n in first[resource_id]), default=-1)
    order: defaultdict[tuple[bool, int], list[ResourceId]] = defaultdict(list)
    for resource_id in sorted(depth):
        order[by_id[resource_id].reason in LAST, depth[resource_id]].append(resource_id)
    return tuple(tuple(by_id[resource_id] for resource_id in order[key]) for key in sorted(order))


def waits(changes: Iterable[Change]) -> Edges:
    """For every change that does something, the changes that it cannot be done without.

    Builders wait for what they refer to. Removers wait for whoever still refers to them, and for
    the generation that takes their place. A generation that was raised beside an older one by a
    run that did not finish is settled when that one is gone.
    """
    pending = {change.id: change for change in changes if change.action is not Action.NOOP}
    users: defaultdict[ResourceId, list[ResourceId]] = defaultdict(list)
    heirs: defaultdict[ResourceId, list[ResourceId]] = defaultdict(list)
    older: defaultdict[ResourceId, list[ResourceId]] = defaultdict(list)
    for change in pending.values():
        for ref in change.before.refs.values() if change.before else ():
            users[ref].append(change.id)
        if change.action is Action.CREATE:
            heirs[change.id.lineage].append(change.id)
        elif change.reason is Reason.SUPERSEDED:
            older[change.id.lineage].append(change.id)

    def needs(change: Change) -> Iterator[ResourceId]:
        if change.action is Action.DELETE:
            yield from (*users[change.id], *heirs[change.id.lineage])
            return
        yield from (ref for ref in change.refs.values() if ref in pending)
        if change.action is Action.UPDATE:
            yield from older[change.id.lineage]

    return {resource_id: tuple(sorted(set(needs(c)))) for resource_id, c in pending.items()}


def blocked(
    changes: Iterable[Change], stuck: Iterable[ResourceId]
) -> Mapping[ResourceId, ResourceId]:
    """Every change that cannot be carried out, and what it finally waits for in vain."""
    pending = {change.id: change for change in changes}
    needs = waits(pending.values())
    cause = {resource_id: resource_id for resource_id in stuck}
    for resource_id in TopologicalSorter(needs).static_order():
        for needed in (*needs[resource_id], *pending[resource_id].refs.values()):
            if needed in cause:
                cause.setdefault(resource_id, cause[needed])
    return {resource_id: cause[resource_id] for resource_id in pending if resource_id in cause}
