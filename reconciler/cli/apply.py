"""`reconciler apply`: make it so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from reconciler import app
from reconciler.app import Cloud
from reconciler.cli import console, options
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import assessed, connected, planned, valid
from reconciler.cli.options import Common, Selection, common
from reconciler.cli.run import Run
from reconciler.diff import Action, Reason
from reconciler.plan import Outcome, Plan, Result

BUDGET = 900
"""Seconds; below the time limit that most CI jobs have."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person has agreed to beforehand."""

    everything: bool
    allowed: Sequence[str]


@click.command("apply")
@common
@options.selecting
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
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
    told: Common, *, selection: Selection, auto_approve: bool, allow: Sequence[str], **rest: object
) -> Exit:
    """Make the workspace and the hub match the fleet: only the changes that are needed."""
    if not (auto_approve or told.settings.terminal):
        raise Stop(
            Exit.USAGE,
            "there is no terminal to ask at",
            "look at the plan, then run with --auto-approve",
        )
    report, budget = rest["report"], rest["time_budget"]
    fleet = valid(told)
    clock = told.settings.clock
    deadline = clock.now() + (budget if isinstance(budget, int) else BUDGET)
    run = Run(fleet, told.settings.environ, deadline, clock)
    with connected(told, fleet, deadline) as cloud:
        code = Exit.ERROR
        try:
            code = _run(told, run, cloud, selection, Consent(auto_approve, allow))
        except Stop as stop:
            code = stop.code
            raise
        finally:
            if isinstance(report, Path):
                written = told.settings.redaction.hide(run.report(cloud, code))
                report.write_text(written, encoding="utf-8")
    return code


def _run(told: Common, run: Run, cloud: Cloud, selection: Selection, consent: Consent) -> Exit:
    plan = app.allowed(assessed(run.fleet, cloud, selection), consent.allowed)
    run.digest, run.seen = app.plan_digest(plan), app.applied_commits(plan)
    console.show(app.plan_text(plan), color=told.color)
    _check(plan)
    if not plan.changes:
        return Exit.PARTIAL if plan.stuck else Exit.OK
    if not (consent.everything or _approved()):
        raise Stop(Exit.REFUSED, "not approved; nothing was changed")
    told.log.run("run.begun", {**run.record(), "plan_digest": run.digest})
    with run.exclusively(cloud) as pace:
        plan = _again(told, run, cloud, selection, consent)
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


def _again(told: Common, run: Run, cloud: Cloud, selection: Selection, consent: Consent) -> Plan:
    """The plan that holds now that nobody else writes: what was read before may have moved."""
    plan = app.allowed(planned(run.fleet, cloud, selection), consent.allowed)
    digest = app.plan_digest(plan)
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
    if len(failed) < len(outcomes):
        return Exit.PARTIAL
    return Exit.DENIED if any(o.denied for o in failed) else Exit.ERROR
