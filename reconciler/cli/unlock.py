"""`reconciler unlock`: take the lease away from a run that is gone."""

from __future__ import annotations

import click

from reconciler import app
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import connected, valid
from reconciler.cli.options import Common, common


@click.command("unlock")
@common
@click.argument("run", metavar="RUN")
def command(told: Common, run: str) -> Exit:
    """Take the lease away from RUN, the id that a locked apply names.

    Needed only where waiting is no choice: a lease that nobody renews expires by itself.
    """
    fleet = valid(told)
    with connected(told, fleet) as cloud:
        taken = app.unlock(cloud.provider, run)
    if not taken:
        raise Stop(Exit.USAGE, f'no run "{run}" holds the lease', "see what apply says of it")
    click.echo(f"The lease of run {run} is gone.")
    return Exit.OK
