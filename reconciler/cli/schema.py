"""`reconciler schema`: the public contract of a kind."""

from __future__ import annotations

import click

from reconciler import app
from reconciler.app.fleet import schema_names
from reconciler.cli.exits import Exit, Stop


@click.command("schema")
@click.argument("kind", required=False)
def command(kind: str | None) -> Exit:
    """Print the JSON Schema of KIND, or of what we write; without one, the names of all."""
    names = schema_names()
    if kind is None:
        click.echo("\n".join(names))
        return Exit.OK
    found = {name.lower(): name for name in names}.get(kind.lower())
    if found is None:
        raise Stop(Exit.USAGE, f'there is no kind "{kind}"', f"one of {', '.join(names)}")
    click.echo(app.schema_text(found), nl=False)
    return Exit.OK
