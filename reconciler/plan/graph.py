"""Order changes so that nothing is built before, or removed from under, what needs it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter

from reconciler.diff import Action, Change
from reconciler.model import ResourceId


def waves(changes: Iterable[Change]) -> tuple[tuple[Change, ...], ...]:
    """Group changes into waves, builders before removers."""
    by_id = {change.id: change for change in changes}
    depth: dict[ResourceId, int] = {}
    needs = waits(by_id.values())
    for resource_id in TopologicalSorter(needs).static_order():
        depth[resource_id] = 1 + max((depth[n] for n in needs[resource_id]), default=-1)
    order: defaultdict[tuple[bool, int], list[ResourceId]] = defaultdict(list)
    for resource_id in sorted(depth):
        removes = by_id[resource_id].action is Action.DELETE
        order[removes, depth[resource_id]].append(resource_id)
    return tuple(tuple(by_id[resource_id] for resource_id in order[key]) for key in sorted(order))


def waits(changes: Iterable[Change]) -> Mapping[ResourceId, tuple[ResourceId, ...]]:
    """For every change that does something, the changes that must come first.

    Builders wait for what they refer to. Removers wait for whoever still refers to them, and for
    the generation that takes their place.
    """
    pending = {change.id: change for change in changes if change.action is not Action.NOOP}
    users: defaultdict[ResourceId, list[ResourceId]] = defaultdict(list)
    heirs: defaultdict[ResourceId, list[ResourceId]] = defaultdict(list)
    for change in pending.values():
        for ref in change.before.refs.values() if change.before else ():
            users[ref].append(change.id)
        if change.action is Action.CREATE:
            heirs[change.id.lineage].append(change.id)

    def needs(change: Change) -> Iterable[ResourceId]:
        if change.action is Action.DELETE:
            return (*users[change.id], *heirs[change.id.lineage])
        return (ref for ref in change.refs.values() if ref in pending)

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
