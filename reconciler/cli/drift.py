"""`reconciler drift`: what moved outside git, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from difflib import unified_diff

import click
from click.core import ParameterSource

from reconciler.app import adopt as adopting
from reconciler.app import drift as drifting
from reconciler.app.adopt import Rewrite
from reconciler.app.fleet import Fleet
from reconciler.cli import console
from reconciler.cli.clock import moment
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import connected, valid
from reconciler.cli.options import Common, common
from reconciler.plan.drift import Finding
from reconciler.report.words import plain
from reconciler.source.edit import EditError

GIVEN = {ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT}
DATE = "%Y-%m-%d"


@click.group("drift", invoke_without_command=True)
@common
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="For people, for programs, or for a comment.",
)
def command(told: Common, *, form: str) -> Exit:
    """Show what moved outside git, three ways: what git asks for, what was applied last, and what
    is live. Writes nothing. Exits with 2 where somebody changed, outside git, what is ours.
    """
    if click.get_current_context().invoked_subcommand:
        return _nothing_given(click.get_current_context())
    _, found = _read(told)
    match form:
        case "json":
            click.echo(drifting.drift_json(found, moment()), nl=False)
        case "markdown":
            click.echo(drifting.drift_markdown(found), nl=False)
        case _:
            console.show(drifting.drift_text(found), color=told.color)
    return Exit.CHANGES if found.found else Exit.OK


def _nothing_given(context: click.Context) -> Exit:
    """Options of this command go nowhere where another one follows."""
    if any(context.get_parameter_source(name) in GIVEN for name in context.params):
        said = f"options stand after the name: reconciler drift {context.invoked_subcommand} ..."
        raise click.UsageError(said)
    return Exit.OK


@command.command("adopt")
@click.argument("resource", metavar="KIND/NAME")
@common
def adopt(told: Common, *, resource: str) -> Exit:
    """Take over into git what was changed outside it: the lines of the fields that differ are
    written, every other line stays as it is.
    """
    fleet, found = _read(told)
    finding = _finding(found, resource)
    return _written(told, fleet, lambda: adopting.adoption(fleet, found, finding))


@command.command("ignore")
@click.argument("resource", metavar="KIND/NAME")
@common
@click.option(
    "--path",
    "paths",
    multiple=True,
    metavar="POINTER",
    help="This field alone, such as /priority. May be given more than once; by default all.",
)
@click.option(
    "--until",
    required=True,
    type=click.DateTime([DATE]),
    metavar="YYYY-MM-DD",
    help="The first day on which it counts again.",
)
@click.option("--reason", required=True, help="Why, for whoever finds it later.")
def ignore(
    told: Common, *, resource: str, paths: Sequence[str], until: datetime, reason: str
) -> Exit:
    """Leave alone what was changed outside git, until a day: neither reported nor written over.

    The agreement is written into the environment, for git to hold.
    """
    fleet, found = _read(told)
    finding = _finding(found, resource)
    day = until.strftime(DATE)
    if day <= fleet.today:
        raise click.BadParameter("it must be a day to come", param_hint="'--until'")
    terms = adopting.Terms(day, reason, tuple(paths))
    return _written(told, fleet, lambda: adopting.agreement(fleet, finding, terms))


def _read(told: Common) -> tuple[Fleet, drifting.Drift]:
    fleet = valid(told)
    with connected(told, fleet) as cloud:
        return fleet, drifting.drift(fleet, cloud.provider)


def _finding(found: drifting.Drift, resource: str) -> Finding:
    drifted = drifting.drifted(found)
    if resource not in drifted:
        names = ", ".join(sorted(drifted)) or "nothing"
        raise Stop(Exit.USAGE, f"{plain(resource)} has not drifted; what has: {names}")
    return drifted[resource]


def _written(told: Common, fleet: Fleet, rewriting: Callable[[], Rewrite]) -> Exit:
    if told.rev is not None:
        raise Stop(Exit.USAGE, "a commit cannot be written to", "leave --rev out")
    try:
        rewrite = rewriting()
        adopting.write(fleet, rewrite)
    except EditError as error:
        raise Stop(Exit.REFUSED, str(error), "no file was changed") from error
    before, after = rewrite.before.splitlines(), rewrite.after.splitlines()
    names = f"a/{rewrite.path}", f"b/{rewrite.path}"
    for line in unified_diff(before, after, *names, n=1, lineterm=""):
        click.echo(plain(line))
    click.echo("\nWritten. Look at it, and commit it.")
    return Exit.OK
