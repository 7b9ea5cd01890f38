"""What goes to the terminal: results to stdout, signs of life to stderr."""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

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
