"""`reconciler status`: how each deployment stands with its devices."""

from __future__ import annotations

from collections.abc import Sequence

import click

from reconciler.app import standing
from reconciler.app.standing import Standing
from reconciler.cli import options
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import connected, valid
from reconciler.cli.options import Common, common
from reconciler.report import devices as by_device
from reconciler.report import status as report
from reconciler.report.json import render


@click.command("status")
@common
@options.FORMAT
@click.option("--devices", is_flag=True, help="Also list the devices, each with what is amiss.")
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="End with 9 if something of ours fails on a device, else with 2 if something is not in "
    "sync or pending. What is offline counts for neither.",
)
@click.argument("deployment", nargs=-1, metavar="[Deployment/NAME]...")
def command(
    told: Common, *, form: str, devices: bool, detailed_exitcode: bool, deployment: Sequence[str]
) -> Exit:
    """Show, per deployment, whether it is in sync, for how many devices it is and on how many it
    is applied, healthy, failing, pending or offline, and why: from what their agents report of
    every module. Globs narrow it to some deployments.
    """
    fleet = valid(told)
    with connected(told, fleet) as cloud:
        found = standing.standing(fleet, cloud.provider, devices=devices)
    rows = report.rows(found.plan, found.tallies, deployment)
    if deployment and not rows:
        raise Stop(
            Exit.USAGE, f"no deployment matches {', '.join(deployment)}", "write Deployment/NAME"
        )
    _show(found, rows, form=form, devices=devices)
    if detailed_exitcode and report.failing(rows):
        return Exit.GATE
    return Exit.CHANGES if detailed_exitcode and report.unfinished(rows) else Exit.OK


def _show(found: Standing, rows: Sequence[report.Row], *, form: str, devices: bool) -> None:
    ids = frozenset(row.address for row in rows if row.address)
    if form == "json":
        listed = {"devices": by_device.documents(found.devices, ids)} if devices else {}
        click.echo(
            render({"deployments": tuple(row.document() for row in rows), **listed}), nl=False
        )
        return
    click.echo(report.table(rows), nl=False)
    if devices:
        click.echo(f"\n{by_device.table(found.devices, ids)}", nl=False)
