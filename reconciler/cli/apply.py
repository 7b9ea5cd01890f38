"""`reconciler apply`: make it so."""

from __future__ import annotations

from collections.abc import Sequence

import click

from reconciler import app
from reconciler.app import Cloud
from reconciler.cli import console, options
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import connected, planned, valid
from reconciler.cli.options import Common, common
from reconciler.diff import Action
from reconciler.plan import Outcome, Plan, Result


@click.command("apply")
@common
@options.selecting
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
def command(
    told: Common,
    *,
    selection: options.Selection,
    auto_approve: bool,
) -> Exit:
    """Make the workspace and the hub match the fleet: only the changes that are needed."""
    if not (auto_approve or told.settings.terminal):
        raise Stop(
            Exit.USAGE,
            "there is no terminal to ask at",
            "look at the plan, then run with --auto-approve",
        )
    fleet = valid(told)
    with connected(told, fleet) as cloud:
        plan = planned(fleet, cloud, selection)
        console.show(app.plan_text(plan), color=told.color)
        return _carry_out(told, plan, cloud, ask=not auto_approve)


def _carry_out(told: Common, plan: Plan, cloud: Cloud, *, ask: bool) -> Exit:
    if not plan.applicable:
        raise Stop(Exit.REFUSED, "the plan was refused; nothing was changed")
    if not plan.changes:
        return Exit.PARTIAL if plan.stuck else Exit.OK
    if missing := app.missing_secrets(plan):
        names = ", ".join(str(resource_id) for resource_id in missing)
        raise Stop(
            Exit.REFUSED,
            f"a secret is not available: {names}; nothing was changed",
            "set what its secretRef names, and allow it in the environment's secrets",
        )
    if ask and not _approved():
        raise Stop(Exit.REFUSED, "not approved; nothing was changed")
    outcomes = []
    for outcome in app.apply(plan, cloud.provider):
        console.show(app.outcome_text(outcome), color=told.color)
        outcomes.append(outcome)
    click.echo(_closing(outcomes))
    return _code(outcomes)


def _approved() -> bool:
    click.echo("\nDo you want to perform these actions? Only 'yes' is accepted.")
    answer: str = click.prompt("  Enter a value", default="", show_default=False)
    return answer == "yes"


def _closing(outcomes: Sequence[Outcome]) -> str:
    done = [o.change.action for o in outcomes if o.result is Result.APPLIED]
    left = len(outcomes) - len(done)
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
