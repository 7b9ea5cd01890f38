"""From two states to a plan that is safe to show and, maybe, safe to apply."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from reconciler.diff import Action, Intent, diff
from reconciler.model import (
    ActualState,
    Commit,
    DesiredState,
    Diagnostic,
    HeldSecret,
    Kinds,
    Observed,
    Resource,
    Scope,
    link,
)
from reconciler.plan.graph import waves
from reconciler.plan.guards import guards
from reconciler.plan.plan import Plan, Policy
from reconciler.plan.preview import previewed
from reconciler.plan.secrets import COUNTER, counted, unavailable


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


def build(wish: Wish, actual: ActualState, kinds: Kinds) -> Plan:
    """Compare, order, weigh. Two states in, a value out: a plan can be made anywhere."""
    drafts = counted(wish.drafts, actual, kinds)
    desired = link(wish.commit, drafts, kinds, wish.scope)
    recognised = _recognised(desired, actual, kinds)
    intent = Intent(prune=wish.policy.prune, retry_failed=wish.retry_failed)
    changes = diff(desired, recognised, kinds, intent)
    said = (
        *wish.diagnostics,
        *actual.diagnostics,
        *unavailable(wish.drafts, actual, kinds),
        *guards(changes, desired, wish.policy),
    )
    return Plan(
        commit=wish.commit,
        scope=wish.scope,
        provider=actual.provider,
        waves=waves(previewed(changes, desired.resources, kinds)),
        unchanged=tuple(change for change in changes if change.action is Action.NOOP),
        diagnostics=tuple(sorted(said, key=str)),
        objects=len(actual.resources),
        requests=actual.requests,
        desired=desired.resources,
    )


def _recognised(desired: DesiredState, actual: ActualState, kinds: Kinds) -> ActualState:
    """Give what is only referred to the generation that its draft was linked to.

    A handler that looks for what a draft names cannot know the generation: it says the lineage.
    Nor can it know how often a secret was rotated, which whoever writes the secret must note.
    """
    referred = {
        resource.id.lineage: resource
        for resource in desired.resources.values()
        if not kinds[resource.id.kind].managed(resource.spec)
    }
    items = (
        _linked(item, referred[item.id]) if item.id in referred else item
        for item in actual.resources.values()
    )
    return replace(actual, resources={item.id: item for item in items})


def _linked(item: Observed, want: Resource) -> Observed:
    counter = want.spec.get(COUNTER)
    if not isinstance(counter, int):
        return replace(item, id=want.id)
    held = {name: HeldSecret(counter, held.secret) for name, held in item.secrets.items()}
    return replace(item, id=want.id, secrets=held)
