"""`reconciler reconcile`: heal, without rolling forward."""

from __future__ import annotations

import click

from reconciler.app import drift as drifting
from reconciler.cli import apply, options
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import connected, valid
from reconciler.cli.options import Common, common

LAST_APPLIED = "last-applied"


@click.command("reconcile")
@common
@click.option(
    "--to",
    type=click.Choice([LAST_APPLIED]),
    required=True,
    help="What to heal to: the newest commit that left its mark on what is live.",
)
@options.ONLY
@options.EXCLUDE
@options.AUTO_APPROVE
@options.applying
def command(told: Common, **rest: object) -> Exit:
    """Put right what was changed outside git, and leave for later what git asks for since then.

    Everything is read from the commit that was applied last, wherever the working tree stands.
    What git has taken over since (`drift adopt`) stays as it is.
    """
    del rest  # they go on to `apply`
    if told.rev is not None:
        raise Stop(Exit.USAGE, "--rev and --to both name a commit", "leave --rev out")
    fleet = valid(told)
    with connected(told, fleet) as cloud:
        found = drifting.drift(fleet, cloud.provider)
        kept = drifting.taken_over(fleet, found)
    if not found.applied:
        raise Stop(Exit.REFUSED, "nothing of this fleet was applied from a commit yet")
    context = click.get_current_context()
    given = {name: value for name, value in context.params.items() if name != "to"}
    given |= {"rev": found.applied, "exclude": (*given["exclude"], *kept)}
    outcome: Exit = context.invoke(apply.command, **given)
    return outcome
