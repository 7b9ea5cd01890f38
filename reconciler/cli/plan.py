"""`reconciler plan`: what would change."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler import app
from reconciler.app import pages
from reconciler.cli import console, options
from reconciler.cli.clock import moment
from reconciler.cli.exits import Exit
from reconciler.cli.fleet import assessed, connected, valid
from reconciler.cli.options import Common, common
from reconciler.plan import Plan
from reconciler.report.about import About


@click.command("plan")
@common
@options.REPORT
@options.selecting
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the plan as JSON to this file, too.",
)
@options.DEVICES
@click.option(
    "--detailed-exitcode", is_flag=True, help="Exit with 2 where there is something to change."
)
def command(
    told: Common,
    *,
    form: str,
    selection: options.Selection,
    out: Path | None,
    devices: Path | None,
    **flags: bool,
) -> Exit:
    """Show what would change in the workspace and on the hub. Writes nothing."""
    fleet = valid(told)
    with connected(told, fleet) as cloud:
        plan = assessed(fleet, cloud, selection, devices)
    if out:
        written = told.settings.redaction.hide(app.plan_json(plan, moment()))
        out.write_text(written, encoding="utf-8")
    match form:
        case "json":
            click.echo(app.plan_json(plan, moment()), nl=False)
        case "markdown":
            click.echo(pages.plan_markdown(plan, _about(plan)), nl=False)
        case "html":
            click.echo(pages.plan_html(plan, _about(plan)), nl=False)
        case _:
            console.show(app.plan_text(plan), color=told.color)
    return exit_code(plan, detailed=flags["detailed_exitcode"])


def exit_code(plan: Plan, *, detailed: bool) -> Exit:
    if not plan.applicable:
        return Exit.REFUSED
    return Exit.CHANGES if detailed and plan.changes else Exit.OK


def _about(plan: Plan) -> About:
    return About(app.plan_digest(plan), read_at=moment())
