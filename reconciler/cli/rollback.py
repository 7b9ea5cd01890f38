"""`reconciler rollback`: take back what a run did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from reconciler.app import Fleet
from reconciler.app.saved import document, write_plan
from reconciler.app.undoing import Report, read_report
from reconciler.cli import options
from reconciler.cli.approval import Approval
from reconciler.cli.execution import asked, execute
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import assessed, connected, valid
from reconciler.cli.options import Common, Selection, common
from reconciler.cli.plan import described_by, exit_code, making, show
from reconciler.report.saved import UnreadableError
from reconciler.source.git import find_fleet

NAMED = "name the commit to go back to: --to COMMIT"


@click.command("rollback")
@click.argument("report_of_run", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@common
@click.option("--to", metavar="COMMIT", help="By default the one that was applied before the run.")
@options.OUT
@options.EXPIRES
@options.AUTO_APPROVE
@options.applying
def command(
    told: Common, *, report_of_run: Path, to: str | None, allow: Sequence[str], **rest: object
) -> Exit:
    """Take back what a run did: plan the commit that was applied before it, for all that the run
    changed. What the run created goes; models and images stay. REPORT_OF_RUN is what
    `apply --report` wrote. With --out the plan is written and not applied.
    """
    if told.rev is not None:
        raise Stop(Exit.USAGE, "--rev has no meaning here", NAMED)
    report = _read(report_of_run)
    if told.environment not in {None, report.environment}:
        raise Stop(Exit.STALE, f"the run was for the environment {report.environment}")
    rev = to or _before(told, report)
    fleet = valid(replace(told, environment=report.environment, rev=rev))
    _check(report, fleet)
    consent = Approval(_selection(report, fleet), bool(rest["auto_approve"]), allow)
    if isinstance(rest["out"], Path):
        return _save(told, fleet, consent.selection, rest)
    asked(told, consent, "write the plan with --out, or run with --auto-approve")
    return execute(told, fleet, consent, rest)


def _read(file: Path) -> Report:
    try:
        return read_report(file)
    except UnreadableError as error:
        raise Stop(Exit.INVALID, f"{file}: {error}", error.remedy) from error


def _before(told: Common, report: Report) -> str:
    found = report.before(told.fleet or find_fleet(told.settings.folder))
    if len(found) == 1:
        return found[0]
    if not report.body["applied_before"]:
        raise Stop(
            Exit.REFUSED,
            "nothing had been applied before that run; nothing was changed",
            "take the documents out of git and apply with prune: true, or name a commit with --to",
        )
    told_apart = ", ".join(sha[:7] for sha in found) or "its order is not known in this clone"
    raise Stop(Exit.REFUSED, f"which commit was applied before is not clear: {told_apart}", NAMED)


def _check(report: Report, fleet: Fleet) -> None:
    if report.owner != fleet.owner:
        raise Stop(Exit.STALE, f"the run was for {report.owner}, and this fleet is {fleet.owner}'s")


def _selection(report: Report, fleet: Fleet) -> Selection:
    """What the run touched, and what of that goes because the commit does not know it."""
    known = {draft.id.lineage for draft in fleet.drafts}
    return Selection(exactly=report.touched, leaving=report.created - known, undoes=report.commit)


def _save(told: Common, fleet: Fleet, selection: Selection, rest: dict[str, object]) -> Exit:
    with connected(told, fleet) as cloud:
        plan = assessed(fleet, cloud, selection)
    body = document(plan, fleet, making(told, selection, rest["expires"]))
    write_plan(Path(str(rest["out"])), body, told.settings.redaction.hide)
    show(told, "text", plan, body, described_by(body))
    return exit_code(plan, detailed=False)
