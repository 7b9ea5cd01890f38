"""`reconciler apply`: make it so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from reconciler import app
from reconciler.app import Cloud
from reconciler.cli import console, options
from reconciler.cli.approval import Approval, fleet_of, opened, selected
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import assessed, connected, planned, valid
from reconciler.cli.options import Common, Selection, common
from reconciler.cli.run import Run
from reconciler.diff import Action, Reason
from reconciler.plan import Outcome, Plan, Result

BUDGET = 900
"""Seconds; below the time limit that most CI jobs have."""


@click.command("apply")
@click.argument(
    "plan", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@common
@options.selecting
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@click.option(
    "--expect",
    metavar="DIGEST",
    default="",
    help="Apply only the plan of this digest, and do not ask.",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="RULE@DIGEST",
    help=f"Let the plan of this digest pass a guard: {', '.join(app.RULES)}.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what became of each change to this file, as JSON.",
)
@click.option(
    "--time-budget",
    type=click.IntRange(min=1),
    default=BUDGET,
    show_default=True,
    help="Seconds after which nothing more is begun; running again goes on from there.",
)
def command(
    told: Common, *, selection: Selection, plan: Path | None, allow: Sequence[str], **rest: object
) -> Exit:
    """Make the workspace and the hub match the fleet: only the changes that are needed. With PLAN,
    a file that `plan --out` wrote: exactly that plan, or nothing.
    """
    said = Approval(selection, bool(rest["auto_approve"]), allow, expect=str(rest["expect"]))
    consent = _for_one_plan(said, plan) if plan else said
    if not (consent.given or told.settings.terminal):
        raise Stop(
            Exit.USAGE,
            "there is no terminal to ask at",
            "look at the plan, then run with --auto-approve",
        )
    report, budget = rest["report"], rest["time_budget"]
    fleet = fleet_of(told, consent.saved) if consent.saved else valid(told)
    clock = told.settings.clock
    deadline = clock.now() + (budget if isinstance(budget, int) else BUDGET)
    run = Run(fleet, told.settings.environ, deadline, clock)
    with connected(told, fleet, deadline) as cloud:
        code = Exit.ERROR
        try:
            code = carry_out(told, run, cloud, consent)
        except Stop as stop:
            code = stop.code
            raise
        finally:
            if isinstance(report, Path):
                written = told.settings.redaction.hide(run.report(cloud, code))
                report.write_text(written, encoding="utf-8")
    return code


def _for_one_plan(consent: Approval, file: Path) -> Approval:
    """The approval of a saved plan: it says itself what is in it."""
    if consent.selection != Selection():
        raise Stop(
            Exit.USAGE,
            "a saved plan says itself what is in it",
            "leave out --only, --exclude, --retry-failed and --adopt",
        )
    saved = opened(file)
    if consent.expect not in {"", saved.digest}:
        said = f"{file} is another plan; nothing was changed"
        raise Stop(Exit.STALE, f"{said}\n  expected {consent.expect}\n  saved    {saved.digest}")
    return replace(consent, selection=selected(saved), saved=saved, expect="")


def carry_out(told: Common, run: Run, cloud: Cloud, consent: Approval) -> Exit:
    """Plan, show, ask, plan again under the lease, write."""
    plan = consent.heeded(assessed(run.fleet, cloud, consent.selection))
    run.digest, run.seen = consent.digest(plan), app.applied_commits(plan)
    if consent.exact and plan.applicable and not (plan.changes or plan.stuck):
        click.echo("Already in effect: nothing of this plan is left to do.")
        return Exit.OK
    console.show(app.plan_text(plan), color=told.color)
    _check(plan)
    if not plan.changes:
        return Exit.PARTIAL if plan.stuck else Exit.OK
    if not (consent.given or _approved()):
        raise Stop(Exit.REFUSED, "not approved; nothing was changed")
    told.log.run("run.begun", {**run.record(), "plan_digest": run.digest})
    with run.exclusively(cloud) as pace:
        plan = _again(told, run, cloud, consent)
        for outcome in app.apply(plan, cloud.provider, pace):
            run.outcomes.append(outcome)
            told.log.change(outcome)
            console.show(app.outcome_text(outcome), color=told.color)
    code = _code(run.outcomes)
    told.log.run(
        "run.ended", {"run": run.id, "exit_code": code.value, "exit_name": code.name.lower()}
    )
    click.echo(_closing(run.outcomes))
    return code


def _check(plan: Plan) -> None:
    if not plan.applicable:
        raise Stop(Exit.REFUSED, "the plan was refused; nothing was changed")
    if missing := app.missing_secrets(plan):
        names = ", ".join(str(resource_id) for resource_id in missing)
        raise Stop(
            Exit.REFUSED,
            f"a secret is not available: {names}; nothing was changed",
            "set what its secretRef names, and allow it in the environment's secrets",
        )


def _again(told: Common, run: Run, cloud: Cloud, consent: Approval) -> Plan:
    """The plan that holds now that nobody else writes: what was read before may have moved."""
    plan = consent.heeded(planned(run.fleet, cloud, consent.selection))
    digest = consent.digest(plan)
    if overtaking := app.overtaken_by(run.fleet, run.seen, plan):
        raise Stop(
            Exit.REFUSED,
            f"another run applied commit {overtaking[0][:7]} meanwhile; nothing was changed",
            "if this commit is the newer one, run again",
        )
    if digest != run.digest:
        if not consent.everything:
            raise Stop(
                Exit.STALE,
                "the cloud changed while you were looking at the plan; nothing was changed",
                "run again and look at the new plan",
            )
        click.echo("The cloud changed meanwhile. The plan is now:\n")
        console.show(app.plan_text(plan), color=told.color)
        _check(plan)
        run.digest = digest
    return plan


def _approved() -> bool:
    click.echo("\nDo you want to perform these actions? Only 'yes' is accepted.")
    answer: str = click.prompt("  Enter a value", default="", show_default=False)
    return answer == "yes"


def _closing(outcomes: Sequence[Outcome]) -> str:
    left = sum(outcome.result is not Result.APPLIED for outcome in outcomes)
    # A last step of something that was counted already: of a replacement, of a move.
    last = {Reason.SETTLED, Reason.RELEASED}
    steps = [o for o in outcomes if o.change.reason not in last]
    done = [o.change.action for o in steps if o.result is Result.APPLIED]
    add, alter, destroy = (
        done.count(action) for action in (Action.CREATE, Action.UPDATE, Action.DELETE)
    )
    counts = f"Resources: {add} added, {alter} changed, {destroy} destroyed."
    if left:
        return f"\nApply incomplete, safe to run again. {counts} {left} not done."
    return f"\nApply complete! {counts}"


def _code(outcomes: Sequence[Outcome]) -> Exit:
    failed = [o for o in outcomes if o.result is not Result.APPLIED]
    if not failed:
        return Exit.OK
    if len(failed) < len(outcomes) or any(o.partial for o in failed):
        return Exit.PARTIAL
    return Exit.DENIED if any(o.denied for o in failed) else Exit.ERROR
