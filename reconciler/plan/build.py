"""From two states to a plan that is safe to show and, maybe, safe to apply."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reconciler.diff import Action, Change, Intent, Reason, diff
from reconciler.model import (
    ActualState,
    Commit,
    Diagnostic,
    Kinds,
    Observed,
    Resource,
    ResourceId,
    Scope,
    link,
)
from reconciler.plan.capacity import fit
from reconciler.plan.graph import following, joined, waves
from reconciler.plan.guards import guards, rollback
from reconciler.plan.ignore import Ignore, agreements, ignored
from reconciler.plan.plan import Plan, Policy
from reconciler.plan.preview import previewed
from reconciler.plan.referred import awaiting, moved, recognised, standing
from reconciler.plan.secrets import counted, unavailable
from reconciler.plan.stripped import reclaimed, strays


@dataclass(frozen=True, slots=True)
class Wish:
    """Everything a plan is made of but the live state."""

    commit: Commit
    scope: Scope
    drafts: tuple[Resource, ...]
    policy: Policy = field(default_factory=Policy)
    diagnostics: tuple[Diagnostic, ...] = ()
    """Warnings that came with the documents."""
    retry_failed: bool = False
    adopt: tuple[str, ...] = ()
    """KIND/NAME globs of what gets its mark back."""
    leaving: frozenset[ResourceId] = frozenset()
    """Lineages that are deleted once git no longer asks for them, prune or not."""
    newer: tuple[str, ...] = ()
    """Commits that left their mark on live objects, and that came after this one."""
    ignores: tuple[Ignore, ...] = ()
    today: str = ""
    """The day on which agreements to ignore something are weighed, as `2026-12-31`."""
    untouched: Mapping[str, int] = field(default_factory=dict)
    """By kind, live objects of ours that are known to stay as they are, and are not listed."""


def build(wish: Wish, actual: ActualState, kinds: Kinds) -> Plan:
    """Compare, order, weigh. Two states in, a value out: a plan can be made anywhere."""
    drafts = counted(wish.drafts, actual, kinds)
    desired = link(wish.commit, drafts, kinds, wish.scope)
    policy = wish.policy
    intent = Intent(policy.prune, wish.leaving, policy.kept, retry_failed=wish.retry_failed)
    there = standing(recognised(desired, actual, kinds), kinds)
    compared = diff(desired, there, kinds, intent)
    ours = reclaimed(compared, desired.resources, kinds, wish.adopt)
    changes = tuple(_beside(ignored(ours, wish.ignores, wish.today), kinds))
    fitted = fit(changes, kinds, wish.policy.capacity, wish.untouched)
    after = joined(fitted.after, awaiting(changes, kinds), following(changes, kinds))
    said = (
        *wish.diagnostics,
        *actual.diagnostics,
        *unavailable(wish.drafts, actual, kinds),
        *guards(changes, desired, wish.policy, sum(wish.untouched.values())),
        *moved(changes),
        *strays(changes, kinds),
        *agreements(changes, wish.ignores, wish.today),
        *fitted.diagnostics,
        *rollback(wish.commit, wish.newer if _acts(changes) else ()),
    )
    return Plan(
        commit=wish.commit,
        scope=wish.scope,
        provider=actual.provider,
        policy=wish.policy,
        waves=waves(previewed(changes, desired.resources, kinds), after),
        after=after,
        meanwhile=dict(_meanwhile(changes, kinds)),
        rooms=fitted.rooms,
        unchanged=tuple(change for change in changes if change.action is Action.NOOP),
        diagnostics=tuple(sorted(said, key=str)),
        objects=len(actual.resources) + sum(wish.untouched.values()),
        requests=actual.requests,
        desired=desired.resources,
    )


def _acts(changes: Collection[Change]) -> bool:
    return any(change.action is not Action.NOOP for change in changes)


def _meanwhile(changes: Collection[Change], kinds: Kinds) -> Iterator[tuple[ResourceId, Resource]]:
    writes = [c for c in changes if c.action in {Action.CREATE, Action.UPDATE}]
    if len(writes) == 1:
        return  # nothing else comes that could take over
    for change in writes:
        if change.action is Action.UPDATE and change.before and change.after:
            want = change.after
            spec = kinds[change.id.kind].meanwhile(want.spec, change.before.spec)
            if spec != want.spec:
                yield change.id, replace(want, spec=spec)


def _beside(changes: Collection[Change], kinds: Kinds) -> Iterator[Change]:
    """Let a creation win over the older generations that stand while it comes."""
    older: defaultdict[ResourceId, list[Observed]] = defaultdict(list)
    for change in changes:
        if change.reason is Reason.SUPERSEDED and change.before:
            older[change.id.lineage].append(change.before)
    for change in changes:
        if change.action is Action.CREATE and change.after:
            raised = change.after.spec
            for have in older[change.id.lineage]:
                raised = kinds[change.id.kind].beside(raised, have.spec)
            if raised != change.after.spec:
                after = replace(change.after, spec=raised)
                yield replace(change, after=after, settled=change.after)
                continue
        yield change
