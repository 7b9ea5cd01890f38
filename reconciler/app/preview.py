"""What merging a commit would change: against what is live, or against another commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reconciler import plan as planning
from reconciler import registry
from reconciler.app.fleet import Fleet, few_collections, fleet_at, fleet_of
from reconciler.model import (
    ActualState,
    FieldRule,
    HeldSecret,
    Kind,
    Marker,
    Observed,
    Resource,
    ResourceId,
    Secret,
    Spec,
    link,
    short,
)
from reconciler.plan import Plan, Wish
from reconciler.plan.secrets import counted
from reconciler.registry import KINDS, SCHEMAS
from reconciler.source.cache import Shelf
from reconciler.source.narrow import Fleets, difference
from reconciler.source.revision import Place, Repository, Revision

UNREAD = Secret("not read")
"""In the place of every secret: between two commits, none of them rotates."""


@dataclass(frozen=True, slots=True)
class Between:
    """Two states of a fleet that are to be compared, as far as they can differ."""

    before: Fleet
    after: Fleet
    managed: Mapping[str, int] = field(default_factory=dict)
    """By kind, documents that need no look: what we write for them is the same in both."""
    referred: int = 0
    """Documents that need no look, and that nobody here writes."""

    @property
    def left_out(self) -> int:
        return sum(self.managed.values()) + self.referred


@few_collections()
def between(
    place: Place, repository: Repository, revisions: tuple[Revision, Revision], env: str | None
) -> Between:
    """Only what can differ between two commits, where all else is known to be fine; else both
    whole, with all that is wrong with them.
    """
    before, after = revisions
    folder = place.fleet(after.tree)
    found = None
    if folder == place.fleet(before.tree):
        shelf = Shelf.of(repository.kept, SCHEMAS, folder, env or "")
        found = difference(Fleets(folder, env, KINDS, SCHEMAS), before.tree, after.tree, shelf)
    if found is None:
        return Between(fleet_at(place, before, env), fleet_at(place, after, env))
    old, new = (fleet_of(place, r, f) for r, f in ((before, found.before), (after, found.after)))
    return Between(old, new, found.managed, found.referred)


@few_collections()
def plan_between(told: Between) -> Plan:
    """What it takes to come from one commit to another, where the first is fully applied."""
    before, after = told.before, told.after
    plan = planning.build(
        Wish(
            commit=after.commit,
            scope=after.scope,
            drafts=after.drafts,
            policy=registry.policy(after.environment),
            diagnostics=after.diagnostics,
            untouched=told.managed,
        ),
        _applied(before, after),
        KINDS,
    )
    return replace(plan, objects=plan.objects + told.referred)


def _applied(before: Fleet, after: Fleet) -> ActualState:
    """What would be live, and what else `after` refers to and nobody here writes."""
    drafts = counted(before.drafts, ActualState("none", {}), KINDS)
    desired = link(before.commit, drafts, KINDS, before.scope).resources
    seen = {want.id: _seen(want, before) for want in desired.values()}
    items = [
        _written(want, seen) for want in desired.values() if KINDS[want.id.kind].managed(want.spec)
    ]
    items += [_referred(draft) for draft in after.drafts if _only_referred(draft)]
    return ActualState(f"commit {before.commit.sha[:7]}", {item.id: item for item in items})


def _only_referred(draft: Resource) -> bool:
    return not KINDS[draft.id.kind].managed(draft.spec)


def _referred(draft: Resource) -> Observed:
    """It is taken to be there: what nobody here writes is no part of the comparison."""
    kind = KINDS[draft.id.kind]
    held = {draft.id.name: HeldSecret(0, UNREAD)} if kind.rotates else {}
    return Observed(draft.id, _updatable(draft, kind), status=_status(draft), secrets=held)


def _seen(want: Resource, fleet: Fleet) -> Observed:
    kind, generation = KINDS[want.id.kind], want.id.generation
    name = want.id.name
    return Observed(
        want.id,
        _updatable(want, kind),
        version="1",
        owned=True,
        address="-".join(filter(None, (name, short(generation)))),
        marker=Marker(*_holder(fleet), name, generation, fleet.commit.sha),
        refs=want.refs,
        status=_status(want),
    )


def _holder(fleet: Fleet) -> tuple[str, str]:
    return fleet.scope.owner, fleet.scope.environment


def _written(want: Resource, seen: Mapping[ResourceId, Observed]) -> Observed:
    """What we wrote there, with its content as it then stood."""
    resolved = {ref: seen[ref] for ref in want.refs.values()}
    return replace(seen[want.id], content=KINDS[want.id.kind].render(want, resolved))


def _status(want: Resource) -> Spec:
    """Where it would be, in names that stand for what only a cloud could tell."""
    built = f"{want.id.name}:{short(want.id.generation)}"
    return {
        "location": want.spec.get("reference") or built,
        "loginServer": want.spec.get("loginServer"),
        "username": want.spec.get("username"),
        "available": True,
    }


def _updatable(want: Resource, kind: Kind) -> Spec:
    return {key: value for key, value in want.spec.items() if kind.rule((key,)) is FieldRule.UPDATE}
