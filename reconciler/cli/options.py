"""The options that commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path

import click

from reconciler.cli.duration import seconds
from reconciler.cli.exits import Exit
from reconciler.cli.log import FORMATS, Log, opened
from reconciler.cli.settings import Settings, read
from reconciler.model import ResourceId
from reconciler.plan.allow import RULES

FLEET = click.option(
    "--fleet",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The fleet's root. By default the nearest folder upwards with a reconciler.yaml, "
    "else ./fleet.",
)
ENVIRONMENT = click.option(
    "--env", "environment", help="Name of the Environment; may be left out where there is one."
)
REV = click.option(
    "--rev",
    metavar="COMMIT",
    help="Read the fleet as it stands in this commit, without a checkout. By default the files as "
    "they are, committed or not.",
)
ONLY = click.option(
    "--only",
    multiple=True,
    metavar="KIND/NAME",
    help="Only changes that match this glob, and what they need. May be given more than once.",
)
EXCLUDE = click.option(
    "--exclude",
    multiple=True,
    metavar="KIND/NAME",
    help="No change that matches this glob, nor what needs it. May be given more than once.",
)
RETRY = click.option(
    "--retry-failed", is_flag=True, help="Build again what failed, although no input changed."
)
ADOPT = click.option(
    "--adopt",
    multiple=True,
    metavar="KIND/NAME",
    help="Write our labels back to what lost them and is otherwise as it should be. May be given "
    "more than once.",
)
DEVICES = click.option(
    "--devices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Devices as JSON lines (deviceId, edge, tags, reported), in place of those of the hub.",
)
OUT = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the plan as JSON to this file, too: `apply FILE` carries out exactly that.",
)
EXPIRES = click.option(
    "--expires",
    metavar="DURATION",
    callback=seconds,
    default="24h",
    show_default=True,
    help="How long the plan may be applied: 90m, 4h, 7d.",
)
SNAPSHOT = click.option(
    "--snapshot",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Plan against the live state in this file, which `reconciler snapshot` wrote: nothing is "
    "sent, and no credentials are needed.",
)
AUTO_APPROVE = click.option("--auto-approve", is_flag=True, help="Do not ask.")
ALLOW = click.option(
    "--allow",
    multiple=True,
    metavar="RULE@DIGEST",
    help=f"Let the plan of this digest pass a guard: {', '.join(RULES)}.",
)
BUDGET = 900
"""Seconds; below the time limit that most CI jobs have."""
TIME_BUDGET = click.option(
    "--time-budget",
    type=click.IntRange(min=1),
    default=BUDGET,
    show_default=True,
    help="Seconds after which nothing more is begun; running again goes on from there.",
)
RUN_REPORT = click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what became of each change to this file, as JSON.",
)
NO_COLOR = click.option("--no-color", is_flag=True, help="Plain text. So does NO_COLOR.")
VERBOSE = click.option(
    "-v", "--verbose", count=True, help="Print the requests that were sent; -vv also tracebacks."
)
LOG_FORMAT = click.option(
    "--log-format",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    show_default=True,
    help="How signs of life are written to stderr.",
)


def format_of(*forms: str, told: str) -> Callable[[Callable[..., Exit]], Callable[..., Exit]]:
    """`--format`, in the forms that a command knows; the first one is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        help=told,
    )


FORMAT = format_of("text", "json", told="For people or for programs.")
REPORT = format_of(
    "text",
    "json",
    "markdown",
    "html",
    told="For a terminal, for programs, for a pull request, or as a page of its own.",
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of a plan is asked for."""

    only: Sequence[str] = ()
    exclude: Sequence[str] = ()
    retry_failed: bool = False
    adopt: Sequence[str] = ()
    exactly: frozenset[ResourceId] | None = None
    """These resources and what they need, where a plan says so; None for all."""
    leaving: frozenset[ResourceId] = frozenset()
    """What goes although the environment does not prune, because a run is undone."""
    undoes: str = ""
    """The commit of that run: it may be newer than the one that is planned."""


@dataclass(frozen=True, slots=True)
class Common:
    """What every command that reads a fleet is told."""

    settings: Settings
    fleet: Path | None
    environment: str | None
    color: bool
    verbose: int
    log: Log
    rev: str | None = None
    """The commit to read, in place of the working tree."""


def common(command: Callable[..., Exit]) -> Callable[..., Exit]:
    """Give a command `--fleet`, `--rev`, `--env`, `--no-color`, `-v` and `--log-format`, gathered
    in one.
    """

    @FLEET
    @REV
    @ENVIRONMENT
    @NO_COLOR
    @VERBOSE
    @LOG_FORMAT
    @wraps(command)
    def run(
        fleet: Path | None,
        rev: str | None,
        environment: str | None,
        verbose: int,
        **rest: object,
    ) -> Exit:
        settings = click.get_current_context().find_object(Settings) or read()
        plain = rest.pop("no_color")
        color = settings.color and not plain
        log = opened(str(rest.pop("log_format")))
        try:
            told = Common(settings, fleet, environment, color, verbose, log, rev)
            return command(told, **rest)
        finally:
            log.close()

    return run


def selecting(command: Callable[..., Exit]) -> Callable[..., Exit]:
    """Give a command `--only`, `--exclude`, `--retry-failed` and `--adopt`, in `selection`."""

    @ONLY
    @EXCLUDE
    @RETRY
    @ADOPT
    @wraps(command)
    def run(
        *args: object,
        only: Sequence[str],
        exclude: Sequence[str],
        retry_failed: bool,
        adopt: Sequence[str],
        **rest: object,
    ) -> Exit:
        chosen = Selection(only, exclude, retry_failed, adopt)
        return command(*args, selection=chosen, **rest)

    return run


def applying(command: Callable[..., Exit]) -> Callable[..., Exit]:
    """Give a command `--allow`, `--report` and `--time-budget`."""
    return ALLOW(RUN_REPORT(TIME_BUDGET(command)))
