"""`reconciler render`: the document that the hub gets."""

from __future__ import annotations

import json

import click

from reconciler import app
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import connected, valid
from reconciler.cli.options import Common, common


@click.command("render")
@common
@click.argument("deployment", metavar="[Deployment/]NAME")
@click.option("--offline", is_flag=True, help="Ask no cloud: what is built there is not known.")
@click.option("--full", is_flag=True, help="The whole configuration, with condition and labels.")
def command(told: Common, *, deployment: str, offline: bool, full: bool) -> Exit:
    """Print the manifest of a deployment as the hub then holds it, secrets masked."""
    kind, _, name = deployment.rpartition("/")
    if kind.lower() not in {"", "deployment"}:
        raise Stop(Exit.USAGE, f"only deployments are rendered, not {kind}")
    fleet = valid(told)
    if offline:
        body = app.rendered(fleet, name, None)
    else:
        with connected(told, fleet) as cloud:
            body = app.rendered(fleet, name, cloud.provider)
    if body is None:
        raise Stop(Exit.USAGE, f'there is no deployment "{name}"', "see reconciler validate")
    shown = body if full else body["content"]
    click.echo(json.dumps(shown, indent=2, sort_keys=True))
    return Exit.OK
