"""`reconciler validate`: everything that can be known without a cloud."""

from __future__ import annotations

import click

from reconciler.cli import console
from reconciler.cli.exits import Exit
from reconciler.cli.fleet import loaded
from reconciler.cli.options import Common, common
from reconciler.cli.review import Review, annotating
from reconciler.model import errors


@click.command("validate")
@common
@annotating
def command(told: Common, *, review: Review) -> Exit:
    """Check every document without a cloud, and report all problems at once."""
    fleet = loaded(told)
    console.complain(fleet.diagnostics)
    review.problems(fleet.diagnostics)
    wrong = len(errors(fleet.diagnostics))
    warned = len(fleet.diagnostics) - wrong
    click.echo(
        f"{fleet.documents} documents in {fleet.files} files: "
        f"{_counted(wrong, 'error')}, {_counted(warned, 'warning')}."
    )
    return Exit.INVALID if wrong else Exit.OK


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
