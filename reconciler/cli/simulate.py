"""`reconciler simulate`: one device."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler import app
from reconciler.cli import console, options
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import connected, valid
from reconciler.cli.options import Common, common
from reconciler.report import simulation
from reconciler.report.json import render


@click.command("simulate")
@common
@options.FORMAT
@options.DEVICES
@click.argument("device")
def command(told: Common, *, form: str, devices: Path | None, device: str) -> Exit:
    """Show what a device runs, what it will run once the fleet is applied, and which line of
    which file puts each part there. Writes nothing.
    """
    fleet = valid(told)
    given = app.DeviceFile(devices, devices.name) if devices else None
    with connected(told, fleet) as cloud:
        found = app.simulation(fleet, cloud.provider, device, given)
    if found is None:
        if given and given.problems:
            console.complain(given.problems)
        raise Stop(Exit.USAGE, f'there is no device "{device}"', "ids are case-sensitive")
    if form == "json":
        click.echo(render(simulation.document(found, fleet.place)), nl=False)
    else:
        click.echo(simulation.text(found, fleet.place), nl=False)
    return Exit.OK
