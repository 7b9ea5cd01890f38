"""One run of apply: who it is, how long it may take, and what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from reconciler import app
from reconciler.app import Cloud, Fleet, LockedError, Pace, Terms
from reconciler.cli.clock import Clock, moment
from reconciler.cli.exits import Exit, Stop
from reconciler.forges.place import run_page
from reconciler.model import Value
from reconciler.plan import Outcome

WORKERS = 4
"""Changes that go side by side; the hub's rates leave no use for more."""


@dataclass(slots=True)
class Run:
    """What a run says of itself in the lease, in its report and in its log."""

    fleet: Fleet
    environ: Mapping[str, str]
    deadline: float
    """Seconds since the epoch."""
    clock: Clock
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    since: str = field(default_factory=moment)
    digest: str = ""
    seen: frozenset[str] = frozenset()
    """The commits that had been applied when the plan was made."""
    outcomes: list[Outcome] = field(default_factory=list)

    def record(self) -> Mapping[str, str]:
        """For whoever finds the environment locked."""
        facts = {
            "run": self.id,
            "by": _person(self.environ),
            "commit": self.fleet.commit.sha[:12],
            "since": self.since,
            "link": run_page(self.environ),
        }
        return {key: value for key, value in facts.items() if value}

    @contextmanager
    def exclusively(self, cloud: Cloud) -> Iterator[Pace]:
        """Hold the lease; gives the pace at which changes are made under it."""
        duration = self.fleet.settings.policy.lease_seconds
        terms = Terms(self.clock.steady, self.clock.sleep, duration)
        try:
            with app.exclusive(cloud.provider, self.record(), terms) as lease:
                yield Pace(WORKERS, lambda: self._halted(lease), self.clock.steady)
        except LockedError as error:
            raise Stop(Exit.LOCKED, str(error), error.remedy) from error

    def report(self, cloud: Cloud, code: Exit) -> str:
        facts: dict[str, Value] = {
            "run": self.id,
            "environment": self.fleet.scope.environment,
            "owner": self.fleet.scope.owner,
            "commit": self.fleet.commit.sha,
            "dirty": self.fleet.commit.dirty,
            "applied_before": tuple(sorted(self.seen)),
            "plan_digest": self.digest,
            "started": self.since,
            "ended": moment(),
            "exit_code": code.value,
            "exit_name": code.name.lower(),
        }
        return app.run_json(facts, self.outcomes, cloud)

    def _halted(self, lease: app.Lease | None) -> str:
        if lease and lease.doubtful:
            return "the lease could not be kept: another run may be applying"
        if self.clock.now() > self.deadline:
            return "the time budget is spent"
        return ""


def _person(environ: Mapping[str, str]) -> str:
    for name in ("GITHUB_ACTOR", "BUILD_REQUESTEDFOR", "GITLAB_USER_LOGIN", "USER", "USERNAME"):
        if environ.get(name):
            return environ[name][:64]
    return ""
