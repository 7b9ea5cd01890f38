"""Writes docs/cli.md from the commands themselves: `python -m tests.architecture.cli_page`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from reconciler.cli import COMMANDS, reconciler
from reconciler.cli.exits import Exit

MEANINGS = {
    Exit.OK: "done; nothing differs",
    Exit.ERROR: "unexpected",
    Exit.CHANGES: "changes planned (with `--detailed-exitcode`), or drift found",
    Exit.INVALID: "the desired state is invalid; every fault was printed",
    Exit.DENIED: "authentication or authorisation",
    Exit.REFUSED: "a guard or policy refused; nothing was changed",
    Exit.STALE: "the plan no longer fits; nothing was changed",
    Exit.LOCKED: "another run holds the lease",
    Exit.PARTIAL: "applied in part; a re-run continues",
    Exit.GATE: "something fails on a device (with `status --detailed-exitcode`)",
    Exit.INCOMPLETE: "the live state could not be read completely",
    Exit.USAGE: "bad command line",
    Exit.INTERRUPTED: "interrupted",
}


def page() -> str:
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# Commands"
    yield ""
    yield "This page is generated from the commands; `make docs` writes it again."
    yield ""
    # With its settings: what a command says of itself must not hang on whether it was run before.
    root = click.Context(
        reconciler, info_name="reconciler", terminal_width=88, **reconciler.context_settings
    )
    for name in COMMANDS:
        command = reconciler.get_command(root, name)
        assert command is not None, f"{name} is in the table of commands and cannot be found"
        context = click.Context(command, root, info_name=name, terminal_width=88)
        yield from (f"## reconciler {name}", "", "```", command.get_help(context), "```", "")
        for below in command.commands.values() if isinstance(command, click.Group) else ():
            inner = click.Context(below, context, info_name=below.name, terminal_width=88)
            yield f"### reconciler {name} {below.name}"
            yield from ("", "```", below.get_help(inner), "```", "")
    yield from ("## Exit codes", "", "| code | name | meaning |", "|--:|---|---|")
    yield from (f"| {code.value} | {code.name.lower()} | {MEANINGS[code]} |" for code in Exit)
    yield ""


if __name__ == "__main__":
    click.echo(page(), nl=False)
