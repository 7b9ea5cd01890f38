"""`reconciler simulate`: one device, or those of a group."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler import app
from reconciler.app import Cloud, Fleet
from reconciler.app.simulating import group_simulation
from reconciler.cli import console, options
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import connected, valid
from reconciler.cli.options import Common, common
from reconciler.report import simulation
from reconciler.report.json import render
from reconciler.source.devices import DeviceFile


@click.command("simulate")
@common
@options.FORMAT
@options.DEVICES
@click.option(
    "--group", metavar="NAME", help="The devices of this DeviceGroup, in place of one device."
)
@click.argument("device", required=False)
def command(
    told: Common, *, form: str, devices: Path | None, group: str | None, device: str | None
) -> Exit:
    """Show what a device runs, what it will run once the fleet is applied, and which line of
    which file puts each part there; or the same for all devices of a group, folded into the
    different manifests among them. Writes nothing.
    """
    if (group is None) == (device is None):
        raise click.UsageError("name a device, or a group with --group")
    fleet = valid(told)
    given = app.DeviceFile(devices, devices.name) if devices else None
    with connected(told, fleet) as cloud:
        show = _device if device else _group
        shown = show(fleet, cloud, device or group or "", given, form)
    if given and given.problems:
        console.complain(given.problems)
        raise Stop(Exit.INVALID, f"{given.name} cannot be read")
    click.echo(shown, nl=False)
    return Exit.OK


def _device(fleet: Fleet, cloud: Cloud, name: str, given: DeviceFile | None, form: str) -> str:
    found = app.simulation(fleet, cloud.provider, name, given)
    if found is None:
        if given and given.problems:
            console.complain(given.problems)
        raise Stop(Exit.USAGE, f'there is no device "{name}"', "ids are case-sensitive")
    if form == "json":
        return render(simulation.document(found, fleet.place))
    return simulation.text(found, fleet.place)


def _group(fleet: Fleet, cloud: Cloud, name: str, given: DeviceFile | None, form: str) -> str:
    found = group_simulation(fleet, cloud.provider, name, given)
    if found is None:
        names = ", ".join(sorted(d.id.name for d in fleet.drafts if d.id.kind == "DeviceGroup"))
        raise Stop(Exit.USAGE, f'there is no group "{name}"', f"git has: {names or 'no group'}")
    if form == "json":
        return render(simulation.group_document(found, fleet.place))
    return simulation.group_text(found, fleet.place)
