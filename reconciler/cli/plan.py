"""`reconciler plan`: what would change."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler import app
from reconciler.app import pages
from reconciler.app.saved import Making, document, write_plan
from reconciler.cli import console, options
from reconciler.cli.approval import described
from reconciler.cli.clock import stamp
from reconciler.cli.exits import Exit, refused
from reconciler.cli.fleet import assessed, valid
from reconciler.cli.options import Common, common
from reconciler.cli.review import Review, reviewing
from reconciler.cli.snapshots import opened, reached
from reconciler.plan import Plan
from reconciler.report.about import About
from reconciler.report.json import Document, render


@click.command("plan")
@common
@options.REPORT
@options.selecting
@options.OUT
@options.EXPIRES
@options.SNAPSHOT
@options.DEVICES
@click.option(
    "--detailed-exitcode", is_flag=True, help="Exit with 2 where there is something to change."
)
@reviewing
def command(
    told: Common,
    *,
    form: str,
    selection: options.Selection,
    out: Path | None,
    review: Review,
    **rest: object,
) -> Exit:
    """Show what would change in the workspace and on the hub. Writes nothing."""
    fleet = valid(told)
    taken = opened(rest["snapshot"], fleet)
    devices = rest["devices"]
    with reached(told, fleet, taken) as cloud:
        plan = assessed(
            fleet, cloud, selection, devices if isinstance(devices, Path) else None, taken
        )
    body = document(plan, fleet, making(told, selection, rest["expires"]))
    if out:
        write_plan(out, body, told.settings.redaction.hide)
    about = described_by(body, taken.read_at if taken else "")
    show(told, form, plan, body, about)
    review.plan(plan, about)
    return exit_code(plan, detailed=bool(rest["detailed_exitcode"]))


def described_by(body: Document, read_at: str = "") -> About:
    """What a report says of a plan: it was read when it was made, or `read_at`."""
    return About(str(body["plan_digest"]), read_at=read_at or str(body["timestamp"]))


def show(told: Common, form: str, plan: Plan, body: Document, about: About) -> None:
    """Print a plan, in the form that was asked for; its digest is an output of the CI step, too."""
    if output := told.settings.github_output:
        with output.open("a", encoding="utf-8") as outputs:
            outputs.write(f"digest={about.digest}\n")
    match form:
        case "json":
            click.echo(render(body), nl=False)
        case "markdown":
            click.echo(pages.plan_markdown(plan, about), nl=False)
        case "html":
            click.echo(pages.plan_html(plan, about), nl=False)
        case _:
            console.show(app.plan_text(plan), color=told.color)


def making(told: Common, selection: options.Selection, lifetime: object) -> Making:
    now = told.settings.clock.now()
    until = now + (lifetime if isinstance(lifetime, float) else 0.0)
    return Making(stamp(now), stamp(until), described(selection))


def exit_code(plan: Plan, *, detailed: bool) -> Exit:
    if not plan.applicable:
        return refused(plan)
    return Exit.CHANGES if detailed and plan.changes else Exit.OK
