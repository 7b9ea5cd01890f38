"""The use cases, each a few lines that join the pure core to the edges it is given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reconciler import apply as applying
from reconciler import plan as planning
from reconciler import registry
from reconciler.kinds.environment.spec import EnvironmentSettings, ProviderName, settings
from reconciler.model import (
    ActualState,
    Commit,
    Diagnostic,
    Observed,
    Resource,
    ResourceId,
    Scope,
    Spec,
    errors,
    link,
)
from reconciler.plan import Limit, Outcome, Plan, Policy, Wish
from reconciler.plan.narrow import narrowed
from reconciler.plan.secrets import counted
from reconciler.providers.port import DeniedError, Notify, Progress, Provider, ProviderError
from reconciler.registry import KINDS, SCHEMAS, Given, Requests
from reconciler.report import json as data
from reconciler.report import status as standing
from reconciler.report import text
from reconciler.source.git import find_fleet, find_repository, newer_than
from reconciler.source.load import load
from reconciler.source.tree import WorkTree

__all__ = [
    "Cloud",
    "DeniedError",
    "Fleet",
    "Given",
    "Notify",
    "Progress",
    "Provider",
    "ProviderError",
    "ProviderName",
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

    @property
    def scope(self) -> Scope:
        name = self.environment.name if self.environment else ""
        return Scope(self.owner, name)


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


@dataclass(frozen=True, slots=True)
class Cloud:
    """A provider that is connected, and what was sent to it so far."""

    provider: Provider
    requests: Callable[[], Requests]


@contextmanager
def cloud(fleet: Fleet, given: Given) -> Iterator[Cloud]:
    """Connect to the services of the fleet's environment."""
    with registry.azure(fleet.settings, fleet.scope, fleet.commit.sha, given) as opened:
        yield Cloud(*opened)


def make_plan(fleet: Fleet, provider: Provider, *, retry_failed: bool) -> Plan:
    """Read the live state, and say what would change."""
    actual = provider.read(fleet.drafts)
    marks = {o.marker.commit for o in actual.resources.values() if o.owned and o.marker}
    return planning.build(
        Wish(
            commit=fleet.commit,
            scope=fleet.scope,
            drafts=fleet.drafts,
            policy=_policy(fleet.environment),
            diagnostics=fleet.diagnostics,
            retry_failed=retry_failed,
            newer=newer_than(fleet.root, fleet.commit.sha, filter(None, marks)),
        ),
        actual,
        KINDS,
    )


def part_of(plan: Plan, only: Collection[str], exclude: Collection[str]) -> Plan:
    return narrowed(plan, only, exclude)


def apply(plan: Plan, provider: Provider) -> Iterator[Outcome]:
    return applying.execute(plan, provider)


def missing_secrets(plan: Plan) -> tuple[ResourceId, ...]:
    """Secrets that a change of this plan needs, and that cannot be read here."""
    unread = {d.subject for d in plan.diagnostics if d.code == "secret.unavailable"}
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
    wanted = ResourceId(DEPLOYMENT, name)
    found = [resource for resource in desired.values() if resource.id.lineage == wanted]
    return planning.document(found[0], desired, known, KINDS) if found else None


def plan_text(plan: Plan) -> str:
    return text.render(plan, str(data.document(plan)["plan_digest"]))


def plan_json(plan: Plan, now: datetime) -> str:
    return data.render({**data.document(plan), "timestamp": now.isoformat(timespec="seconds")})


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


def _policy(environment: EnvironmentSettings | None) -> Policy:
    if environment is None:
        return Policy()
    deletes, replaces = environment.policy.deletes, environment.policy.replaces
    most = environment.hub.max_configurations if environment.hub else 0
    return Policy(
        capacity={DEPLOYMENT: most} if most else {},
        prune=environment.policy.prune,
        deletes=Limit(deletes.max, deletes.percent),
        replaces=Limit(replaces.max, replaces.percent),
    )
