"""`reconciler device credentials`: what one device needs to sign in."""

from __future__ import annotations

import os
from pathlib import Path

import click

from reconciler.app import Fleet
from reconciler.app.devices import ids_of, login
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import connected, valid
from reconciler.cli.options import Common, common
from reconciler.model import Secret

PRIVATE = 0o600
SEVERAL = 3
"""How many devices of a file are named."""


@click.group("device")
def command() -> None:
    """Ask for what one device needs."""


@command.command("credentials")
@common
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this new file, which nobody else can read, in place of printing it.",
)
@click.argument("name")
def credentials(told: Common, *, out: Path | None, name: str) -> Exit:
    """Print the connection string of the device NAME: the name of a Device, or an id.

    This is the only command that tells the key of a device. A device that signs in with a
    certificate has none at the hub.
    """
    fleet = valid(told)
    device = _one(fleet, name)
    with connected(told, fleet) as cloud:
        found = login(cloud.provider, device)
    if found is None:
        raise Stop(Exit.USAGE, f'there is no device "{device}"', "apply the fleet to register it")
    if found.connection_string is None:
        raise Stop(
            Exit.ERROR,
            f"{device} signs in with a certificate ({found.kind}): the hub holds no key of it",
            "put its certificate and private key on the device, and in its config.toml:\n"
            f'  [provisioning] source = "manual", iothub_hostname = "{found.host}",'
            f' device_id = "{device}"\n'
            '  [provisioning.authentication] method = "x509", identity_cert and identity_pk',
        )
    if out is None:
        told.settings.redaction.show(found.connection_string)
        return Exit.OK
    _store(found.connection_string, out)
    click.echo(f"The connection string of {device} is in {out}, which only you can read.")
    return Exit.OK


def _one(fleet: Fleet, name: str) -> str:
    found = ids_of(fleet, name)
    if len(found) > 1:
        some = ", ".join(found[:SEVERAL])
        raise Stop(
            Exit.USAGE,
            f"Device/{name} describes {len(found):,} devices",
            f"name one of them by its id: {some}, ...",
        )
    return found[0]


def _store(secret: Secret, out: Path) -> None:
    """A new file: one that is there may be a link, or open to others."""
    try:
        number = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FileExistsError:
        raise Stop(
            Exit.USAGE, f"{out} is there already; nothing was written", "remove it, or name another"
        ) from None
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(f"{secret.reveal()}\n")
