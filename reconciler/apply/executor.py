"""Carry out a plan, wave by wave. The only code that asks a provider to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.diff import Change
from reconciler.model import Observed, Resolved, ResourceId
from reconciler.plan import Outcome, Plan, Result
from reconciler.plan.graph import waits
from reconciler.providers.port import DeniedError, Provider, ProviderError


class RefusedError(Exception):
    """The plan must not be applied. The message is fit to show to a person."""


def execute(plan: Plan, provider: Provider) -> Iterator[Outcome]:
    """Yield one outcome per change, as it happens; a failure blocks only what needs it."""
    if not plan.applicable:
        raise RefusedError("the plan has errors and cannot be applied")
    needs = waits(plan.changes)
    known = {c.id: c.before for c in (*plan.unchanged, *plan.changes) if c.before}
    undone = {change.id for change in plan.stuck}
    for change in plan.changes:
        blockers = [
            resource_id
            for resource_id in (*needs[change.id], *change.refs.values())
            if resource_id in undone
        ]
        outcome = _blocked(change, blockers) if blockers else _apply(change, known, provider)
        if outcome.result is not Result.APPLIED:
            undone.add(change.id)
        if outcome.now:
            known[change.id] = outcome.now
        yield outcome


def _blocked(change: Change, blockers: list[ResourceId]) -> Outcome:
    return Outcome(change, Result.BLOCKED, f"waits for {blockers[0]}, which is not there")


def _apply(change: Change, known: Mapping[ResourceId, Observed], provider: Provider) -> Outcome:
    resolved: Resolved = {ref: known[ref] for ref in change.refs.values()}
    try:
        now = provider.apply(change, resolved)
    except ProviderError as error:
        denied = isinstance(error, DeniedError)
        return Outcome(change, Result.FAILED, str(error), error.remedy, denied=denied)
    return Outcome(change, Result.APPLIED, now=now)
