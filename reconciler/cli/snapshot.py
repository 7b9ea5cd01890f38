"""`reconciler snapshot`: the live state as a file."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.app.snapshots import take, write
from reconciler.cli.clock import stamp
from reconciler.cli.exits import Exit
from reconciler.cli.fleet import connected, valid
from reconciler.cli.options import Common, common


@click.command("snapshot")
@common
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it; compressed if the name ends in .gz.",
)
def command(told: Common, *, out: Path) -> Exit:
    """Write the live state that planning needs to a file, without any secret. `plan --snapshot`
    gives the same plan from it with no network and no credentials.
    """
    fleet = valid(told)
    with connected(told, fleet) as cloud:
        taken = take(fleet, cloud.provider, stamp(told.settings.clock.now()))
    write(out, taken, told.settings.redaction.hide)
    there = len(taken.recorded.items) + len(taken.recorded.referred)
    devices = len(taken.recorded.twins or ())
    click.echo(f"{out}: {there:,} live objects and {devices:,} devices of {taken.environment}")
    return Exit.OK
