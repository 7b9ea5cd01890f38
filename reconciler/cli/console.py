"""What goes to the terminal: results to stdout, signs of life to stderr."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

import click

from reconciler.app import Notify, Progress
from reconciler.model import Diagnostic, Severity
from reconciler.report import text, words

COLORS = {"+": "green", "~": "yellow", "-": "red", "+/-": "magenta", "!": "yellow", "=": "cyan"}
SIGNED = re.compile(r"^\s*(\+/-|[+~\-!=]) ")


def show(report: str, *, color: bool) -> None:
    """Print a report; lines with a sign in front get that sign's colour."""
    for line in report.splitlines():
        click.echo(_painted(line) if color else line, color=color)


def complain(diagnostics: Iterable[Diagnostic]) -> None:
    """Print problems to stderr, errors first."""
    for diagnostic in sorted(diagnostics, key=_rank):
        click.echo(text.problem(diagnostic), err=True)


def fail(message: str, remedy: str = "") -> None:
    """Say why a command ends; what a cloud or a file put into that is shown, never acted on."""
    for line in f"error: {message}".splitlines() if message else ():
        click.echo(words.plain(line), err=True)
    if remedy:
        click.echo(f"  hint: {words.plain(remedy)}", err=True)


def progress() -> Notify:
    """A line per step; at a terminal, long work also shows how far it is."""
    return _bar() if sys.stderr.isatty() else _line


def _line(event: Progress) -> None:
    # Without a terminal only the beginning and the end of counted work is worth a line.
    if not event.total or event.done in {0, event.total}:
        click.echo(f"{event.subject}: {event.activity}", err=True)


def _bar() -> Notify:
    from rich.console import Console  # noqa: PLC0415 - costs 60 ms, and only a terminal needs it

    console = Console(stderr=True, highlight=False)

    def say(event: Progress) -> None:
        share = f" {100 * event.done // event.total} %" if event.total else ""
        console.print(f"{event.subject}: {event.activity}{share}", markup=False)

    return say


def _rank(diagnostic: Diagnostic) -> tuple[bool, str, int, int, str]:
    origin = diagnostic.origin
    place = (origin.path, origin.line, origin.column) if origin else ("", 0, 0)
    return (diagnostic.severity is not Severity.ERROR, *place, str(diagnostic))


def _painted(line: str) -> str:
    found = SIGNED.match(line)
    if found:
        return click.style(line, fg=COLORS[found[1]])
    if line.startswith(("error[", "warning[")) or ": error[" in line or ": warning[" in line:
        return click.style(line, fg="red" if "error[" in line else "yellow")
    return click.style(line, bold=True) if line.startswith(("Plan:", "No changes.")) else line
