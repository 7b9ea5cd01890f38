"""A plan of a part of the fleet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from fnmatch import fnmatchcase

from reconciler.model import ResourceId
from reconciler.plan.graph import waits
from reconciler.plan.plan import Plan


def narrowed(plan: Plan, only: Collection[str], exclude: Collection[str]) -> Plan:
    """The changes that match a KIND/NAME glob of `only` (all, if there is none), with everything
    they wait for, without those of `exclude` and whatever waits for them.
    """
    if not only and not exclude:
        return plan
    needs = waits(plan.changes)
    kept = _with_needs(plan, {c.id for c in plan.changes if not only or _matches(c.id, only)})
    for change in plan.changes:
        if _matches(change.id, exclude) or any(n not in kept for n in needs[change.id]):
            kept.discard(change.id)
    return _of(plan, kept)


def limited(plan: Plan, lineages: Collection[ResourceId]) -> Plan:
    """The changes of some resources, with everything that they wait for."""
    return _of(plan, _with_needs(plan, {c.id for c in plan.changes if c.id.lineage in lineages}))


def _with_needs(plan: Plan, kept: set[ResourceId]) -> set[ResourceId]:
    needs = waits(plan.changes)
    for change in reversed(plan.changes):
        if change.id in kept:
            kept |= {*needs[change.id]}
    return kept


def _of(plan: Plan, kept: Collection[ResourceId]) -> Plan:
    waves = (tuple(c for c in wave if c.id in kept) for wave in plan.waves)
    left_out = plan.left_out + len(plan.changes) - len(kept)
    return replace(plan, waves=tuple(wave for wave in waves if wave), left_out=left_out)


def _matches(resource_id: ResourceId, globs: Collection[str]) -> bool:
    return any(fnmatchcase(str(resource_id), glob) for glob in globs)
