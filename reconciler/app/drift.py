"""What moved outside git: the plan held against what was applied last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from reconciler.app.fleet import Fleet, read_fleet
from reconciler.app.planning import make_plan
from reconciler.model import ActualState, link
from reconciler.plan import Plan
from reconciler.plan.drift import Applied, Finding, Sync, Wanted, findings
from reconciler.plan.plan import applied_commits
from reconciler.plan.secrets import counted
from reconciler.providers.port import Provider
from reconciler.registry import KINDS
from reconciler.report import drift as report
from reconciler.source.git import RepositoryError, newest


@dataclass(frozen=True, slots=True)
class Drift:
    """How an environment stands."""

    plan: Plan
    applied: str
    """The newest commit that left its mark; empty where there is none."""
    findings: tuple[Finding, ...]

    @property
    def found(self) -> bool:
        """Whether anything moved that nobody committed."""
        return any(finding.sync.is_drift for finding in self.findings)


def drift(fleet: Fleet, provider: Provider) -> Drift:
    """Read the live state, and judge three ways how it stands."""
    plan = make_plan(fleet, provider, retry_failed=False)
    last = newest_of(fleet, applied_commits(plan))
    applied = Applied(last, dict(_asked(fleet, plan, last)))
    found = (_placed(fleet, finding) for finding in findings(plan, applied))
    return Drift(plan, last, tuple(found))


def taken_over(fleet: Fleet, found: Drift) -> tuple[str, ...]:
    """What was changed by hand and is as git asks for now: no run wrote it, so the commit that was
    applied last asks for something else. By KIND/NAME.
    """
    then = _wanted(fleet, found.applied, _seen(found.plan)) or {}
    changes = (*found.plan.unchanged, *found.plan.changes)
    now = {change.id.lineage: change.after for change in changes if change.after}
    return tuple(
        str(finding.id)
        for finding in found.findings
        if finding.sync is Sync.SYNCED
        and finding.id in then
        and then[finding.id].spec != now[finding.id].spec
    )


def newest_of(fleet: Fleet, commits: Iterable[str]) -> str:
    """The one that came last; of those that git cannot tell apart, the first by name."""
    return next(iter(newest(fleet.root, commits)), "")


def _placed(fleet: Fleet, finding: Finding) -> Finding:
    """At the line of the first field that differs, where the document has it."""
    if not (finding.origin and finding.fields):
        return finding
    return replace(finding, origin=fleet.place(finding.origin, finding.fields[0].path))


def _asked(fleet: Fleet, plan: Plan, last: str) -> Iterable[tuple[str, Wanted]]:
    """What the commits asked for that wrote what differs now, as far as git knows them here.

    A fleet that many commits wrote is read once for each that is asked about, so the commits of
    what is in sync are not.
    """
    actual = _seen(plan)
    marks = (change.before.marker for change in plan.changes if change.before)
    commits = {last, *(mark.commit for mark in marks if mark)} if plan.changes else set()
    for sha in sorted(commits - {""}):
        wanted = _wanted(fleet, sha, actual)
        if wanted is not None:
            yield sha, wanted


def _seen(plan: Plan) -> ActualState:
    seen = {c.before.id: c.before for c in (*plan.unchanged, *plan.changes) if c.before}
    return ActualState(plan.provider, seen)


def _wanted(fleet: Fleet, sha: str, actual: ActualState) -> Wanted | None:
    then = fleet
    if sha != fleet.commit.sha or fleet.commit.dirty:
        try:
            then = read_fleet(fleet.root, fleet.root, fleet.scope.environment, sha)
        except RepositoryError:
            return None
    if not then.valid:
        return None
    drafts = counted(then.drafts, actual, KINDS)
    linked = link(then.commit, drafts, KINDS, then.scope)
    return {resource.id.lineage: resource for resource in linked.resources.values()}


def drift_text(found: Drift) -> str:
    return report.text(found.plan, found.applied, found.findings)


def drift_json(found: Drift, timestamp: str) -> str:
    return report.json(found.plan, found.applied, found.findings, timestamp)


def drift_markdown(found: Drift) -> str:
    return report.markdown(found.plan, found.applied, found.findings)


def drifted(found: Drift) -> Mapping[str, Finding]:
    """What moved outside git, by KIND/NAME."""
    return {str(f.id): f for f in found.findings if f.sync.is_drift}
