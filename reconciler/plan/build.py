"""From two states to a plan that is safe to show and, maybe, safe to apply."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from reconciler.diff import Action, Intent, diff
from reconciler.model import (
    ActualState,
    Commit,
    DesiredState,
    Diagnostic,
    Kinds,
    Resource,
    Scope,
    link,
)
from reconciler.plan.graph import waves
from reconciler.plan.guards import guards
from reconciler.plan.plan import Plan, Policy
from reconciler.plan.preview import previewed
from reconciler.plan.secrets import counted, unavailable


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
    desired = link(wish.commit, counted(wish.drafts, actual, kinds), kinds, wish.scope)
    actual = _recognised(desired, actual, kinds)
    intent = Intent(prune=wish.policy.prune, retry_failed=wish.retry_failed)
    changes = diff(desired, actual, kinds, intent)
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
        diagnostics=said,
        objects=len(actual.resources),
        requests=actual.requests,
        desired=desired.resources,
    )


def _recognised(desired: DesiredState, actual: ActualState, kinds: Kinds) -> ActualState:
    """Give what is only referred to the generation that its draft was linked to.

    A handler that looks for what a draft names cannot know the generation: it says the lineage.
    """
    referred = {
        resource.id.lineage: resource.id
        for resource in desired.resources.values()
        if not kinds[resource.id.kind].managed(resource.spec)
    }
    items = (replace(item, id=referred.get(item.id, item.id)) for item in actual.resources.values())
    return replace(actual, resources={item.id: item for item in items})
