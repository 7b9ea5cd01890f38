"""What is common to all commands that apply a plan: plan, show, ask, plan again, write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from reconciler import app
from reconciler.app import Cloud, Fleet
from reconciler.app.planning import contradicted
from reconciler.cli import console
from reconciler.cli.approval import Approval
from reconciler.cli.exits import Exit, Stop, refused
from reconciler.cli.fleet import assessed, connected, planned
from reconciler.cli.options import BUDGET, Common
from reconciler.cli.run import Run
from reconciler.diff import Action, Reason
from reconciler.plan import Outcome, Plan, Result


def asked(told: Common, consent: Approval, remedy: str) -> None:
    """End the command where a question would have to be asked and nobody could answer it."""
    if not (consent.given or told.settings.terminal):
        raise Stop(Exit.USAGE, "there is no terminal to ask at", remedy)


def execute(told: Common, fleet: Fleet, consent: Approval, rest: Mapping[str, object]) -> Exit:
    """Apply what was agreed to, and report; `rest` holds `report` and `time_budget`."""
    report, budget = rest["report"], rest["time_budget"]
    if isinstance(report, Path) and not report.parent.is_dir():
        hint = "make it first, or write the report elsewhere; nothing was changed"
        raise Stop(Exit.USAGE, f"there is no folder {report.parent} for the report", hint)
    clock = told.settings.clock
    deadline = clock.now() + (budget if isinstance(budget, int) else BUDGET)
    run = Run(fleet, told.settings.environ, deadline, clock)
    with connected(told, fleet, deadline) as cloud:
        code = Exit.ERROR
        try:
            code = _carry_out(told, run, cloud, consent)
        except Stop as stop:
            code = stop.code
            raise
        finally:
            if isinstance(report, Path):
                written = told.settings.redaction.hide(run.report(cloud, code))
                report.write_text(written, encoding="utf-8")
    return code


def _carry_out(told: Common, run: Run, cloud: Cloud, consent: Approval) -> Exit:
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
        seen, plan = plan, _again(told, run, cloud, consent)
        _certain(plan if plan.impact else seen, cloud)
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
    if plan.in_doubt:
        raise Stop(refused(plan), "not everything could be read; nothing was changed")
    if not plan.applicable:
        raise Stop(refused(plan), "the plan was refused; nothing was changed")
    if missing := app.missing_secrets(plan):
        names = ", ".join(str(resource_id) for resource_id in missing)
        raise Stop(
            Exit.REFUSED,
            f"a secret is not available: {names}; nothing was changed",
            "set what its secretRef names, and allow it in the environment's secrets",
        )


def _certain(plan: Plan, cloud: Cloud) -> None:
    """Queries lag: before anything is taken from devices, some of them are read one by one."""
    if wrong := contradicted(plan, cloud.provider):
        found = "\n  ".join(["devices are not what the plan was made from:", *wrong])
        raise Stop(
            Exit.INCOMPLETE,
            f"{found}\n  nothing was changed",
            "the hub's queries lag behind its devices: plan again in a minute",
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
        plan = consent.heeded(assessed(run.fleet, cloud, consent.selection))
        digest = consent.digest(plan)
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
    left = [o for o in outcomes if o.result is not Result.APPLIED]
    failed = [o for o in left if o.result is Result.FAILED]
    if not left:
        return Exit.OK
    # Where nothing failed, the run was halted: another one goes on from there.
    if len(left) < len(outcomes) or not failed or any(o.partial for o in failed):
        return Exit.PARTIAL
    return Exit.DENIED if any(o.denied for o in failed) else Exit.ERROR
