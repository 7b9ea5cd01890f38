"""Plans of a fleet against what is live, and what plans tell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from reconciler import plan as planning
from reconciler import registry
from reconciler.app.fleet import Fleet, few_collections
from reconciler.model import (
    ActualState,
    Observed,
    ResourceId,
    Spec,
    link,
)
from reconciler.plan import Plan, Wish
from reconciler.plan.allow import allowing
from reconciler.plan.assessment import (
    asked_of_devices,
    assessed,
    concerns_devices,
    in_part,
    simulated,
    with_evidence,
    with_known_tags,
)
from reconciler.plan.evidence import contradictions
from reconciler.plan.narrow import limited, narrowed
from reconciler.plan.plan import applied_commits
from reconciler.plan.secrets import UNAVAILABLE, counted
from reconciler.plan.simulation import Simulation
from reconciler.providers.port import IncompleteError, Provider
from reconciler.registry import KINDS
from reconciler.report import json as data
from reconciler.source.devices import DeviceFile
from reconciler.source.git import newer_than

DEPLOYMENT = "Deployment"


@dataclass(frozen=True, slots=True)
class Undoing:
    """What a plan does on top of what git asks for, because it takes back a run."""

    commit: str = ""
    """The commit of that run: though newer than the one that is planned, it is to be left."""
    leaving: frozenset[ResourceId] = frozenset()
    """What goes, prune or not."""


@few_collections()
def make_plan(
    fleet: Fleet,
    provider: Provider,
    *,
    retry_failed: bool,
    adopt: Collection[str] = (),
    undoing: Undoing | None = None,
) -> Plan:
    """Read the live state, and say what would change."""
    return plan_of(
        fleet,
        provider.read(fleet.drafts),
        retry_failed=retry_failed,
        adopt=adopt,
        undoing=undoing or Undoing(),
    )


def plan_of(
    fleet: Fleet,
    actual: ActualState,
    *,
    retry_failed: bool = False,
    adopt: Collection[str] = (),
    undoing: Undoing,
) -> Plan:
    """What would change in a live state that was read already."""
    marks = {o.marker.commit for o in actual.resources.values() if o.owned and o.marker}
    marks.discard(undoing.commit)
    return planning.build(
        Wish(
            commit=fleet.commit,
            scope=fleet.scope,
            drafts=fleet.drafts,
            policy=registry.policy(fleet.environment),
            diagnostics=fleet.diagnostics,
            retry_failed=retry_failed,
            adopt=tuple(adopt),
            leaving=undoing.leaving,
            ignores=registry.ignores(fleet.environment, fleet.origin),
            today=fleet.today,
            newer=newer_than(fleet.root, fleet.commit.sha, filter(None, marks)),
        ),
        actual,
        KINDS,
    )


def overtaken_by(fleet: Fleet, before: frozenset[str], plan: Plan) -> tuple[str, ...]:
    """Commits that another run applied since, and that may be newer.

    Of those that a complete clone does not hold the plan itself says so; in a shallow one, only
    that they came meanwhile tells them from older ones.
    """
    ours = fleet.commit.sha
    since = applied_commits(plan) - before - {ours}
    return tuple(sha for sha in sorted(since) if not newer_than(fleet.root, sha, [ours]))


def part_of(plan: Plan, only: Collection[str], exclude: Collection[str]) -> Plan:
    return narrowed(plan, only, exclude)


def limited_to(plan: Plan, lineages: Collection[ResourceId]) -> Plan:
    """Only the changes of some resources, with what they need."""
    return limited(plan, lineages)


def with_impact(whole: Plan, part: Plan, provider: Provider, given: DeviceFile | None) -> Plan:
    """The part, with what it does to devices: of a file, else of the hub, if it can do any."""
    if given:
        return assessed(whole, part, lambda _fields: with_known_tags(whole, given))
    if provider.devices is None or not concerns_devices(whole, part):
        return part
    missing, remedy = "", ""
    try:
        twins = tuple(provider.devices(asked_of_devices(whole, part)))
    except IncompleteError as error:
        twins, missing, remedy = error.found, str(error), error.remedy
    plan = with_evidence(whole, assessed(whole, part, lambda _fields: twins), twins)
    told = in_part(plan, missing, remedy) if missing else plan
    return replace(told, requests=provider.requests())


def contradicted(plan: Plan, provider: Provider) -> tuple[str, ...]:
    """Where devices from which a plan takes something are not what it was made from."""
    live = provider.devices
    if live is None or plan.impact is None:
        return ()
    kept = plan.impact.evidence
    found = contradictions(kept, lambda device: next(iter(live(kept.fields, device)), None))
    return tuple(found)


def simulation(
    fleet: Fleet, provider: Provider, device: str, given: DeviceFile | None
) -> Simulation | None:
    """What one device runs and will run; None if it is not there."""
    plan = make_plan(fleet, provider, retry_failed=False)
    if given:
        return simulated(plan, device, lambda _fields: with_known_tags(plan, given))
    live = provider.devices
    return simulated(plan, device, lambda fields: live(fields, device)) if live else None


def plan_digest(plan: Plan) -> str:
    return str(data.document(plan)["plan_digest"])


def allowed(plan: Plan, words: Collection[str], digest: str) -> Plan:
    """The plan after a person's word for exactly this plan: `RULE@DIGEST`, any number of them."""
    return allowing(plan, words, digest) if words else plan


def missing_secrets(plan: Plan) -> tuple[ResourceId, ...]:
    """Secrets that a change of this plan needs, and that cannot be read here."""
    unread = {d.subject for d in plan.diagnostics if d.code == UNAVAILABLE}
    needed = {ref.lineage for change in plan.changes for ref in change.refs.values()}
    return tuple(sorted(lineage for lineage in needed if lineage in unread))


def rendered(fleet: Fleet, name: str, provider: Provider | None) -> Spec | None:
    """The document of a deployment; without a provider, what is built is not known."""
    if provider:
        plan = make_plan(fleet, provider, retry_failed=False)
        known = {c.id: c.before for c in (*plan.unchanged, *plan.changes) if c.before}
        desired = plan.desired
    else:
        drafts = counted(fleet.drafts, ActualState("none", {}), KINDS)
        known = dict[ResourceId, Observed]()
        desired = link(fleet.commit, drafts, KINDS, fleet.scope).resources
    found = [r for r in desired.values() if r.id.lineage == ResourceId(DEPLOYMENT, name)]
    return planning.document(found[0], desired, known, KINDS) if found else None
