"""The use cases, each a few lines that join the pure core to the edges it is given."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler import apply as applying
from reconciler import plan as planning
from reconciler import registry
from reconciler.apply import Lease, Pace, Terms, leased
from reconciler.kinds.environment.spec import EnvironmentSettings, ProviderName, settings
from reconciler.model import (
    ActualState,
    Commit,
    Diagnostic,
    FieldPath,
    Observed,
    Origin,
    Resource,
    ResourceId,
    Scope,
    Spec,
    Value,
    errors,
    link,
)
from reconciler.plan import Outcome, Plan, Wish
from reconciler.plan.allow import RULES, allowing
from reconciler.plan.assessment import assessed, concerns_devices, simulated
from reconciler.plan.narrow import narrowed
from reconciler.plan.plan import applied_commits
from reconciler.plan.secrets import UNAVAILABLE, counted
from reconciler.plan.simulation import Simulation
from reconciler.providers.port import (
    DeniedError,
    LockedError,
    Notify,
    Progress,
    Provider,
    ProviderError,
)
from reconciler.registry import KINDS, SCHEMAS, Cloud, Given
from reconciler.report import json as data
from reconciler.report import status as standing
from reconciler.report import text
from reconciler.source.devices import DeviceFile
from reconciler.source.git import find_fleet, find_repository, newer_than
from reconciler.source.load import load
from reconciler.source.locate import Locator
from reconciler.source.tree import WorkTree

__all__ = [
    "RULES",
    "Cloud",
    "DeniedError",
    "DeviceFile",
    "Fleet",
    "Given",
    "Lease",
    "LockedError",
    "Notify",
    "Pace",
    "Progress",
    "Provider",
    "ProviderError",
    "ProviderName",
    "Terms",
    "applied_commits",
]

DEPLOYMENT = "Deployment"


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything that files say, and everything that is wrong with them."""

    root: Path
    tree: WorkTree
    commit: Commit
    owner: str
    environment: EnvironmentSettings | None
    drafts: tuple[Resource, ...]
    diagnostics: tuple[Diagnostic, ...]
    documents: int
    files: int

    @property
    def settings(self) -> EnvironmentSettings:
        """Of the chosen environment, which a valid fleet has."""
        if self.environment is None:
            raise AssertionError("a fleet without an environment is not valid")
        return self.environment

    @property
    def valid(self) -> bool:
        return not errors(self.diagnostics)

    def place(self, origin: Origin, path: FieldPath) -> Origin:
        """Where a field of the spec stands whose document starts at `origin`."""
        locator = Locator(origin.path, self.tree.read(origin.path).decode("utf-8", "replace"))
        return locator.origin(origin.line, ("spec", *path))

    @property
    def scope(self) -> Scope:
        name = self.environment.name if self.environment else ""
        return Scope(self.owner, name)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Documents and changes are many, live to the end and make no cycles: looking for some among
    them again and again would cost a third of a large run.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@_few_collections()
def read_fleet(folder: Path | None, start: Path, environment: str | None) -> Fleet:
    """Everything that can be known without a cloud."""
    root = folder.resolve() if folder else find_fleet(start)
    found = load(root, environment, KINDS, SCHEMAS)
    chosen = found.environment
    return Fleet(
        root=root,
        tree=WorkTree(find_repository(root)),
        commit=found.commit,
        owner=found.owner,
        environment=settings(chosen.id.name, chosen.spec) if chosen else None,
        drafts=found.drafts,
        diagnostics=found.diagnostics,
        documents=found.documents,
        files=found.files,
    )


def cloud(fleet: Fleet, given: Given) -> AbstractContextManager[Cloud]:
    """Connect to the services of the fleet's environment."""
    return registry.azure(fleet.settings, fleet.scope, fleet.commit.sha, given)


@_few_collections()
def make_plan(
    fleet: Fleet, provider: Provider, *, retry_failed: bool, adopt: Collection[str] = ()
) -> Plan:
    """Read the live state, and say what would change."""
    actual = provider.read(fleet.drafts)
    marks = {o.marker.commit for o in actual.resources.values() if o.owned and o.marker}
    return planning.build(
        Wish(
            commit=fleet.commit,
            scope=fleet.scope,
            drafts=fleet.drafts,
            policy=registry.policy(fleet.environment),
            diagnostics=fleet.diagnostics,
            retry_failed=retry_failed,
            adopt=tuple(adopt),
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


def with_impact(whole: Plan, part: Plan, provider: Provider, given: DeviceFile | None) -> Plan:
    """The part, with what it does to devices: of a file, else of the hub, if it can do any."""
    if given:
        return assessed(whole, part, lambda _fields: given)
    if provider.devices is None or not concerns_devices(whole, part):
        return part
    return replace(assessed(whole, part, provider.devices), requests=provider.requests())


def simulation(
    fleet: Fleet, provider: Provider, device: str, given: DeviceFile | None
) -> Simulation | None:
    """What one device runs and will run; None if it is not there."""
    plan = make_plan(fleet, provider, retry_failed=False)
    if given:
        return simulated(plan, device, lambda _fields: given)
    live = provider.devices
    return simulated(plan, device, lambda fields: live(fields, device)) if live else None


def plan_digest(plan: Plan) -> str:
    return str(data.document(plan)["plan_digest"])


def allowed(plan: Plan, words: Collection[str]) -> Plan:
    """The plan after a person's word for exactly this plan: `RULE@DIGEST`, any number of them."""
    return allowing(plan, words, plan_digest(plan)) if words else plan


def apply(plan: Plan, provider: Provider, pace: Pace) -> Iterator[Outcome]:
    return applying.execute(plan, provider, pace)


@contextmanager
def exclusive(
    provider: Provider, record: Mapping[str, str], terms: Terms
) -> Iterator[Lease | None]:
    """Be the only one who applies to this environment, where there could be others."""
    if provider.leases is None:
        yield None
        return
    with leased(provider.leases, record, terms) as lease:
        yield lease


def unlock(provider: Provider, run: str) -> bool:
    """Take the lease away from a run; False if that run does not hold it."""
    if provider.leases is None:
        return False
    held = provider.leases.read()
    if held.record.get("run") != run:
        return False
    provider.leases.write(None, held.version)
    return True


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


def plan_text(plan: Plan) -> str:
    return text.render(plan, plan_digest(plan))


def plan_json(plan: Plan, timestamp: str) -> str:
    return data.render({**data.document(plan), "timestamp": timestamp})


def run_json(facts: Mapping[str, Value], outcomes: Sequence[Outcome], cloud: Cloud) -> str:
    """The report of a run: who, what commit, and what became of each change."""
    counts = {service: dict(sorts) for service, sorts in cloud.requests().items()}
    sent: dict[str, Value] = {"requests": counts, "request_ids": cloud.request_ids()}
    return data.render({**facts, **sent, **data.results(outcomes)})


def outcome_text(outcome: Outcome) -> str:
    return text.results((outcome,))


def status_text(plan: Plan) -> str:
    return standing.table(standing.rows(plan))


def status_json(plan: Plan) -> str:
    return data.render({"deployments": tuple(row.document() for row in standing.rows(plan))})


def kind_names() -> tuple[str, ...]:
    return tuple(sorted(KINDS))


def schema_text(kind: str) -> str:
    """The JSON Schema of a kind."""
    words = "".join(f"_{c.lower()}" if c.isupper() else c for c in kind).lstrip("_")
    return (SCHEMAS / f"{words}.schema.json").read_text(encoding="utf-8")
