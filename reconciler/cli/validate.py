"""`reconciler validate`: everything that can be known without a cloud."""

from __future__ import annotations

from dataclasses import replace

import click

from reconciler.app import Fleet
from reconciler.cli import console
from reconciler.cli.exits import Exit
from reconciler.cli.fleet import loaded
from reconciler.cli.options import Common, common
from reconciler.cli.review import Review, annotating
from reconciler.model import Diagnostic, errors
from reconciler.report.words import counted


@click.command("validate")
@common
@annotating
def command(told: Common, *, review: Review) -> Exit:
    """Check every document without a cloud, and report all problems at once. Without --env, for
    each environment of the fleet.
    """
    fleet = loaded(told)
    found = fleet.diagnostics
    if told.environment is None and len(fleet.environments) > 1:
        found = _of_each(told, fleet)
    console.complain(found)
    review.problems(found)
    wrong = len(errors(found))
    warned = len(found) - wrong
    click.echo(
        f"{fleet.documents} documents in {fleet.files} files: "
        f"{counted(wrong, 'error')}, {counted(warned, 'warning')}."
    )
    return Exit.INVALID if wrong else Exit.OK


def _of_each(told: Common, fleet: Fleet) -> tuple[Diagnostic, ...]:
    """What is wrong in any environment, each problem once."""
    fleets = (loaded(replace(told, environment=name)) for name in fleet.environments)
    return tuple(dict.fromkeys(said for each in fleets for said in each.diagnostics))
