"""What stops a plan: clashes, missing things, and more damage than the policy allows."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from reconciler.diff import Action, Change, Reason
from reconciler.model import Commit, DesiredState, Diagnostic, Severity
from reconciler.plan.impact import Impact
from reconciler.plan.plan import MINIMUM, Limit, Policy


def guards(
    changes: Collection[Change], desired: DesiredState, policy: Policy, untouched: int = 0
) -> Iterator[Diagnostic]:
    """Everything that keeps these changes from being made, and what should be known of them.

    `untouched` are objects of ours that are live and not among the changes.
    """
    yield from _clashes(changes)
    yield from _broken(changes)
    yield from _limits(changes, desired, policy, untouched)


def rollback(commit: Commit, newer: Collection[str]) -> Iterator[Diagnostic]:
    """An older commit would undo what a newer one did: a slow job, or somebody's old checkout."""
    if newer:
        seen = ", ".join(sorted(sha[:7] for sha in newer))
        yield Diagnostic(
            Severity.ERROR,
            "guard.rollback",
            f"commit {commit.sha[:7]} is older than what is applied ({seen}),"
            " or this clone lacks that",
            "fetch all branches and apply the newer commit, or revert it in git;"
            " if going back is meant, pass --allow rollback@DIGEST",
        )


def device_guards(impact: Impact, policy: Policy) -> Iterator[Diagnostic]:
    """What stands against a plan because of what it does to devices, or may do unseen."""
    does = f"changes what {impact.devices:,} of {impact.of:,} devices run"
    yield from _over("devices", impact.devices, impact.of, policy.devices, does)
    for unread in impact.unread:
        yield Diagnostic(
            Severity.ERROR,
            "guard.conditions",
            f"{unread}; what it does to devices is not counted",
            "correct that condition on the hub; if this plan is right all the same,"
            " pass --allow conditions@DIGEST with its digest",
        )


def _clashes(changes: Collection[Change]) -> Iterator[Diagnostic]:
    for change in changes:
        if change.reason is Reason.TAKEN:
            marker = change.before.marker if change.before else None
            owner = (
                f' (owner "{marker.owner}", environment "{marker.environment}")' if marker else ""
            )
            yield _about(
                change,
                "plan.taken",
                f"{change.reason.value}{owner}",
                "rename ours, or give theirs our ownership mark",
            )
        elif change.reason is Reason.ABSENT:
            yield _about(
                change,
                "plan.absent",
                f"{change.id.kind} is only referred to, and does not exist",
                "create it first, or describe it here so that it is created",
            )


def _broken(changes: Collection[Change]) -> Iterator[Diagnostic]:
    for change in changes:
        if change.reason is Reason.BROKEN:
            log = str(change.before.status.get("log") or "") if change.before else ""
            yield _about(
                change,
                "build.failed",
                f"{change.reason.value}{_indented(log)}",
                "change an input, or run again with --retry-failed",
                Severity.WARNING,
            )


def _limits(
    changes: Collection[Change], desired: DesiredState, policy: Policy, untouched: int
) -> Iterator[Diagnostic]:
    live = untouched + sum(c.before is not None and c.before.owned for c in changes)
    removed = sum(c.reason is Reason.REMOVED for c in changes)
    replaced = sum(c.reason is Reason.SUPERSEDED and c.action is Action.DELETE for c in changes)
    if removed and not desired.resources and not untouched:
        yield Diagnostic(
            Severity.ERROR,
            "guard.empty",
            f"the fleet describes nothing; applying it would delete {removed} objects",
            "check the path and the commit; if it is meant, pass --allow empty@DIGEST",
        )
    for rule, count, limit in (
        ("deletes", removed, policy.deletes),
        ("replaces", replaced, policy.replaces),
    ):
        yield from _over(rule, count, live, limit, f"{rule} {count} of {live} objects")


def _over(rule: str, count: int, of: int, limit: Limit, does: str) -> Iterator[Diagnostic]:
    share = 100 * count / of if of else 0
    too_many = count > limit.most
    too_much = of > MINIMUM and share > limit.percent
    if too_many or too_much:
        allowed = f"{limit.most:,}" if too_many else f"{limit.percent:g} %"
        yield Diagnostic(
            Severity.ERROR,
            f"guard.{rule}",
            f"the plan {does} ({share:.1f} %), the policy allows {allowed}",
            f"review it, then pass --allow {rule}@DIGEST with the digest of this plan",
        )


def _about(
    change: Change, code: str, summary: str, hint: str, severity: Severity = Severity.ERROR
) -> Diagnostic:
    origin = change.after.origin if change.after else None
    return Diagnostic(severity, code, summary, hint, change.id, origin)


def _indented(log: str) -> str:
    return "".join(f"\n    {line}" for line in log.splitlines())
