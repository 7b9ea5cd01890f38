"""What all of a plan comes to, in the few sentences that every report begins or ends with."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.diff import Action, Change, Reason
from reconciler.model import Diagnostic, Severity, errors
from reconciler.plan import Plan
from reconciler.report import impact, words

NOTHING = "No changes. Your infrastructure matches the configuration."
NOTHING_HERE = "No changes in this part of the fleet."
NOTHING_NOW = "Nothing can be done now."
NOT_DELETED = frozenset({Reason.EXTRA, Reason.UNTOUCHED, Reason.HELD})


def lead(plan: Plan) -> str:
    """Terraform's summary line, or its sentence for nothing to do."""
    if plan.changes:
        add, alter, destroy = (
            plan.count(action) for action in (Action.CREATE, Action.UPDATE, Action.DELETE)
        )
        return f"Plan: {add} to add, {alter} to change, {destroy} to destroy."
    if plan.applicable and not plan.stuck:
        return NOTHING_HERE if plan.left_out else NOTHING
    return NOTHING_NOW


def objects(plan: Plan) -> str:
    """How much of what is there, before or after, this plan touches."""
    new = sum(change.before is None for change in plan.changes)
    touched, of = len(plan.changes), plan.objects + new
    percent = 100 * touched / of if of else 0
    refused = any(d.code.startswith("guard.") for d in errors(plan.diagnostics))
    guards = "refused" if refused else "within limits"
    rooms = "".join(f"  {r.kind}: {r.peak} of {r.limit} at the peak." for r in plan.rooms)
    told = f"Objects: {touched:,} of {of:,} ({percent:.1f} %)."
    return f"{told}{impact.share(plan.impact)}  Guards: {guards}.{rooms}"


def source(plan: Plan) -> str:
    return f"commit {plan.commit}" if plan.commit.sha else str(plan.commit)


def reading(plan: Plan) -> str:
    requests = plan.requests
    if not requests:  # a commit stands for what is live
        return f"compared with {words.counted(plan.objects, 'object')}"
    live = words.counted(plan.objects, "live object")
    return f"read {live} in {words.counted(requests, 'request')}"


def problems(plan: Plan) -> Sequence[Diagnostic]:
    """Errors first."""
    return sorted(plan.diagnostics, key=lambda d: (d.severity is not Severity.ERROR, str(d)))


def extras(plan: Plan) -> Sequence[Change]:
    """What left git and is not deleted."""
    return [c for c in plan.unchanged if c.reason in NOT_DELETED]
