"""Carry out a plan. The only code that asks a provider to write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from reconciler.diff import Action, Change, Reason
from reconciler.model import Observed, Resolved, Resource, ResourceId, State
from reconciler.plan import Outcome, Plan, Result
from reconciler.plan.graph import LAST, Edges, waits
from reconciler.plan.referred import as_linked
from reconciler.providers.port import (
    DeniedError,
    PartialError,
    Provider,
    ProviderError,
    UnavailableError,
)


class RefusedError(Exception):
    """The plan must not be applied. The message is fit to show to a person."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is done at a time, and for how long."""

    workers: int = 1
    """Changes that do not depend on each other go side by side; 1 keeps the plan's order."""
    halted: Callable[[], str] = lambda: ""
    """Why nothing more may be begun: the time is spent, the lease was lost; empty to go on."""
    now: Callable[[], float] = lambda: 0.0
    """Seconds on any clock, for saying how long things took."""


def execute(plan: Plan, provider: Provider, pace: Pace | None = None) -> Iterator[Outcome]:
    """Yield one outcome per change, as it happens; a failure blocks only what needs it.

    What an update takes away is taken when everything else is there, and what left git is deleted
    last. A generation that was raised to win over an older one is settled when that is gone. Such
    a second step has an outcome of its own.
    """
    if not plan.applicable:
        raise RefusedError("the plan has errors and cannot be applied")
    run = _Run(plan, provider, pace or Pace())
    needs = waits(plan.changes)
    removed = [c for c in plan.changes if c.reason in LAST]
    yield from run.carry_out([*run.first_steps()], needs)
    yield from run.carry_out([*run.releases()], run.takers())
    yield from run.carry_out(removed, needs)


@dataclass(slots=True)
class _Run:
    plan: Plan
    provider: Provider
    pace: Pace
    known: dict[ResourceId, Observed] = field(default_factory=dict)
    undone: set[ResourceId] = field(default_factory=set)
    over: set[ResourceId] = field(default_factory=set)
    """Done or not, nothing more comes of it."""
    older: Counter[ResourceId] = field(default_factory=Counter)
    """By lineage, how many older generations still stand."""
    raised: dict[ResourceId, Change] = field(default_factory=dict)
    """By lineage, the creation that was raised above them."""

    def __post_init__(self) -> None:
        plan = self.plan
        self.known = {c.id: c.before for c in (*plan.unchanged, *plan.changes) if c.before}
        self.undone = {change.id for change in plan.stuck}
        self.raised = {c.id.lineage: c for c in plan.changes if c.settled}
        self.older = Counter(c.id.lineage for c in plan.changes if c.reason is Reason.SUPERSEDED)

    def first_steps(self) -> Iterator[Change]:
        """Everything but what left git, and nothing taken away yet."""
        for change in self.plan.changes:
            first = self.plan.meanwhile.get(change.id)
            if change.reason not in LAST and not _only_takes(change, first):
                yield replace(change, after=first) if first else change

    def releases(self) -> Iterator[Change]:
        """The second steps of updates that take something away."""
        for change in self.plan.changes:
            if (first := self.plan.meanwhile.get(change.id)) and change.id not in self.undone:
                reason = change.reason if _only_takes(change, first) else Reason.RELEASED
                yield replace(change, reason=reason, before=self.known[change.id])

    def takers(self) -> Edges:
        """For what gives something up, all that may take it over: others of its kind, and what
        refers to such things.
        """
        writes = [c for c in self.plan.changes if c.action in {Action.CREATE, Action.UPDATE}]
        gains = [c for c in writes if not _only_takes(c, self.plan.meanwhile.get(c.id))]
        return {
            given.id: tuple(
                change.id
                for change in gains
                if change.id != given.id
                and given.id.kind in {change.id.kind, *(r.kind for r in change.refs.values())}
            )
            for given in self.plan.meanwhile.values()
        }

    def carry_out(self, changes: list[Change], needs: Edges) -> Iterator[Outcome]:
        waiting, running = list(changes), dict[Future[Outcome], Change]()
        here = {change.id for change in changes}
        with ExitStack() as stack:
            submit = self._submitter(stack)
            while waiting or running:
                for change in list(waiting):
                    first = (*needs[change.id], *self.plan.after.get(change.id, ()))
                    if len(running) >= self.pace.workers:
                        break
                    if any(needed in here and needed not in self.over for needed in first):
                        continue
                    waiting.remove(change)
                    if refusal := self._refusal(change, needs[change.id]):
                        waiting += self._finish(refusal)
                        yield refusal
                    else:
                        running[submit(change)] = change
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    del running[future]
                    waiting[:0] = self._finish(future.result())
                    yield future.result()

    def _submitter(self, stack: ExitStack) -> Callable[[Change], Future[Outcome]]:
        if self.pace.workers == 1:
            return self._at_once
        pool = stack.enter_context(ThreadPoolExecutor(self.pace.workers))
        return lambda change: pool.submit(self._apply, change)

    def _at_once(self, change: Change) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        future.set_result(self._apply(change))
        return future

    def _refusal(self, change: Change, needs: tuple[ResourceId, ...]) -> Outcome | None:
        for needed in (*needs, *change.refs.values()):
            if needed in self.undone:
                return Outcome(change, Result.BLOCKED, f"waits for {needed}, which is not there")
        if why := self.pace.halted():
            return Outcome(change, Result.BLOCKED, why, "run again: it goes on from here")
        return None

    def _apply(self, change: Change) -> Outcome:
        began = self.pace.now()
        try:
            now = self.provider.apply(change, self._resolved(change))
        except ProviderError as error:
            return Outcome(
                change,
                Result.FAILED,
                str(error),
                error.remedy,
                denied=isinstance(error, DeniedError),
                partial=isinstance(error, PartialError),
                seconds=self.pace.now() - began,
            )
        return Outcome(change, Result.APPLIED, seconds=self.pace.now() - began, now=now)

    def _resolved(self, change: Change) -> Resolved:
        """What its references became. A change in place has no use for what is not there yet."""
        for ref in change.refs.values():
            if change.action is Action.CREATE and self.known[ref].state is State.PENDING:
                self.known[ref] = self._again(self.plan.desired[ref])
        return {ref: self.known[ref] for ref in change.refs.values()}

    def _again(self, want: Resource) -> Observed:
        """What was not there when the plan was made, and may be there by now."""
        now = self.provider.again(replace(want, id=want.id.lineage))
        if now is None or now.state is State.PENDING or now.status.get("available") is False:
            why = str(now.status.get("reason") or "") if now else ""
            raise UnavailableError(
                f"{want.id} is still not there{': ' if why else ''}{why}",
                f"nothing was written; run again once {want.id} can be read",
            )
        return as_linked(now, want)

    def _finish(self, outcome: Outcome) -> list[Change]:
        """Take note of what became of a change; what is to be done because of it, if anything."""
        change = outcome.change
        self.over.add(change.id)
        if outcome.now:
            self.known[change.id] = outcome.now
        if outcome.result is not Result.APPLIED:
            self.undone.add(change.id)
        elif change.reason is Reason.SUPERSEDED:
            self.older[change.id.lineage] -= 1
            return [] if self.older[change.id.lineage] else self._settling(change.id.lineage)
        return []

    def _settling(self, lineage: ResourceId) -> list[Change]:
        made = self.raised.get(lineage)
        if made is None or made.id in self.undone:
            return []
        return [Change(made.id, Action.UPDATE, Reason.SETTLED, self.known[made.id], made.settled)]


def _only_takes(change: Change, first: Resource | None) -> bool:
    """Whether it has no other step than to take something away."""
    return bool(first and change.before and first.spec == change.before.spec)
