"""The command line: parse, call one use case, print, choose an exit code."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module

import click

from reconciler import VERSION
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.outlet import outlive_the_reader
from reconciler.cli.settings import Settings, read

COMMANDS = {
    "init": "Write the first files of a fleet and of its CI.",
    "validate": "Check every document without a cloud, and report all problems at once.",
    "plan": "Show what would change in the workspace and on the hub.",
    "preview": "Show what merging a commit would change.",
    "snapshot": "Write the live state to a file, so that others can plan without credentials.",
    "apply": "Make the workspace and the hub match the fleet.",
    "rollback": "Take back what a run of apply did.",
    "status": "Show how each deployment stands with its devices.",
    "simulate": "Show what devices run, what they will run, and who put each part there.",
    "graph": "Draw the fleet, from models to groups of devices.",
    "drift": "Show what moved outside git, and take it over or agree on it.",
    "reconcile": "Heal what moved outside git, without rolling forward.",
    "render": "Print the document that the hub gets for a deployment.",
    "import": "Write documents from IoT Edge manifests.",
    "device": "Ask for what one device needs to sign in.",
    "emulate": "Run a local stand-in for the workspace, the hub and the registry.",
    "unlock": "Take the lease away from a run that is gone.",
    "schema": "Print the JSON Schema of a kind.",
}


class Commands(click.Group):
    """Imports a command's module when that command is asked for: `--version` imports none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"reconciler.cli.{'import_' if cmd_name == 'import' else cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, message="reconciler %(version)s")
def reconciler() -> None:
    """Keep machine-learning models on edge devices as git describes them."""


def main(argv: Sequence[str] | None = None, settings: Settings | None = None) -> int:
    """Run one command; returns the exit code, and never raises."""
    if argv is None:
        outlive_the_reader()
    settings = settings or read()
    arguments = list(sys.argv[1:] if argv is None else argv)
    settings.redaction.learn_variables(settings.environ)
    with settings.redaction.streams(sys.stdout, sys.stderr):
        code = _guarded(lambda: _run(arguments, settings), verbose="-vv" in arguments)
    if settings.github_output:
        with settings.github_output.open("a", encoding="utf-8") as output:
            output.write(f"exit_code={code.value}\nexit_name={code.name.lower()}\n")
    return code.value


def _run(arguments: Sequence[str], settings: Settings) -> Exit:
    outcome = reconciler.main(
        arguments, prog_name="reconciler", standalone_mode=False, obj=settings
    )
    return outcome if isinstance(outcome, Exit) else Exit.OK


def _guarded(run: Callable[[], Exit], *, verbose: bool) -> Exit:
    try:
        return run()
    except Stop as stop:
        _say(stop.message, stop.remedy)
        return stop.code
    except (click.ClickException, click.exceptions.Exit, click.Abort) as error:
        return _refused(error)
    except OSError as error:
        if verbose:
            traceback.print_exc()
        where = f"{error.filename}: " if error.filename else ""
        _say(f"{where}{error.strerror or error}")
        return Exit.ERROR
    except Exception as error:  # noqa: BLE001 - the last line of defence: a person reads this
        if verbose:
            traceback.print_exc()
        _say(f"unexpected: {type(error).__name__}: {error}", "run again with -vv for details")
        return Exit.ERROR


def _refused(error: click.ClickException | click.exceptions.Exit | click.Abort) -> Exit:
    match error:
        case click.Abort():
            _say("interrupted; what was done is done, and running again continues")
            return Exit.INTERRUPTED
        case click.exceptions.Exit():
            return Exit(error.exit_code)
        case click.UsageError():
            error.show()
            return Exit.USAGE
        case click.ClickException():
            error.show()
            return Exit.ERROR


def _say(message: str, remedy: str = "") -> None:
    # Imported when it is needed, like the commands: most runs have nothing to complain about.
    import_module("reconciler.cli.console").fail(message, remedy)
