"""`reconciler status`: what the hub reports of each deployment."""

from __future__ import annotations

import click

from reconciler import app
from reconciler.cli import options
from reconciler.cli.exits import Exit
from reconciler.cli.fleet import connected, valid
from reconciler.cli.options import Common, common


@click.command("status")
@common
@options.FORMAT
def command(told: Common, *, form: str) -> Exit:
    """Show, per deployment, whether it is in sync and how many devices are targeted, have it
    applied, and report success.
    """
    fleet = valid(told)
    with connected(told, fleet) as cloud:
        plan = app.make_plan(fleet, cloud.provider, retry_failed=False)
    click.echo(app.status_json(plan) if form == "json" else app.status_text(plan), nl=False)
    return Exit.OK
