"""`reconciler emulate`: run the local stand-in for the workspace, the hub and the registry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from reconciler.emulator.connection import Connection
from reconciler.emulator.errors import ServiceError
from reconciler.emulator.folder import FolderInUseError
from reconciler.emulator.server import ServeOptions, serve
from reconciler.emulator.settings import Settings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("emulate")
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".reconciler/local"),
    show_default=True,
    help="Folder that keeps the emulated cloud's state, port and keys.",
)
@click.option("--port", default=0, help="Port on 127.0.0.1; by default the folder's own.")
@click.option("--devices", type=FILE, help="Devices to put into the hub, one JSON object a line.")
@click.option(
    "--build-seconds",
    default=Settings().build_seconds,
    show_default=True,
    help="How long an image build takes.",
)
@click.option("--parent-pid", default=0, hidden=True)
def command(
    state: Path, port: int, devices: Path | None, build_seconds: float, parent_pid: int
) -> None:
    """Run a local stand-in for the workspace, the hub and the registry."""
    settings = replace(Settings(), build_seconds=build_seconds)
    options = ServeOptions(
        state=state.absolute(),
        port=port,
        settings=settings,
        devices=devices,
        parent_pid=parent_pid,
        started=_say,
    )
    try:
        serve(options)
    except (FolderInUseError, ServiceError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _say(connection: Connection) -> None:
    click.echo(f"the emulator listens on {connection.url} (pid {connection.pid})", err=True)
