"""`reconciler graph`: the fleet as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler import app
from reconciler.app import drawing
from reconciler.cli import console, options
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import connected, valid
from reconciler.cli.options import Common, common
from reconciler.plan.picture import Graph
from reconciler.report import graph as report
from reconciler.report.json import render


@click.command("graph")
@common
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "dot", "json"]),
    default="mermaid",
    show_default=True,
    help="Mermaid, which GitHub draws in Markdown; Graphviz's DOT; or for programs.",
)
@click.option(
    "--live", is_flag=True, help="Read the live state: what is to change, and devices by group."
)
@options.DEVICES
def command(told: Common, *, form: str, live: bool, devices: Path | None) -> Exit:
    """Draw models, images, credentials, deployments and groups, and what gets into what. Needs no
    cloud without `--live`.
    """
    fleet = valid(told)
    given = app.DeviceFile(devices, devices.name) if devices else None
    if live:
        with connected(told, fleet) as cloud:
            found = drawing.live_graph(fleet, cloud.provider, given)
    else:
        found = drawing.graph(fleet, given)
    if given and given.problems:
        console.complain(given.problems)
        raise Stop(Exit.INVALID, f"{given.name} cannot be read")
    click.echo(_drawn(found, form), nl=False)
    return Exit.OK


def _drawn(found: Graph, form: str) -> str:
    match form:
        case "dot":
            return report.dot(found)
        case "json":
            return render(report.document(found))
        case _:
            return report.mermaid(found)
