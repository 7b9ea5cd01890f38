"""`reconciler init`: the first files of a fleet."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.app import scaffold
from reconciler.app.scaffold import Ci
from reconciler.cli import options
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.settings import Settings, read
from reconciler.report.words import plain
from reconciler.source.git import RepositoryError, find_repository, read_commit

NEXT = """\
Next:
  {enter}git add --all && git commit --message "A fleet"
  reconciler validate
  reconciler plan --env local
  reconciler apply --env local
Then put your ids into fleet/environments/prod.yaml."""
SET_UP = "docs/ci.md of the reconciler says how to set up the workflows."


@click.command("init")
@click.argument(
    "folder", metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path), required=False
)
@click.option(
    "--ci",
    type=click.Choice([service.value for service in Ci]),
    help="The service that gets the workflows. By default the one of the git remote, else github.",
)
@click.option(
    "--owner", help="The mark on everything that is written. By default the folder's name."
)
@options.NO_COLOR
def command(folder: Path | None, *, ci: str | None, owner: str | None, no_color: bool) -> Exit:
    """Write the first files of a fleet: a folder `fleet` with an example of each kind, its CI
    workflows, and a configuration of pre-commit. DIR is the repository, by default this folder.

    Nothing that is there already is written over: then nothing is written at all.
    """
    del no_color  # there is no colour here; scripts give it to every command
    settings = click.get_current_context().find_object(Settings) or read()
    root = (settings.folder / (folder or "")).resolve()
    service = _service(ci, root)
    files = scaffold.scaffold(_owner(owner, root), service)
    if there := scaffold.taken(root, files):
        listed = "".join(f"\n  {plain(path)}" for path in there)
        raise Stop(Exit.REFUSED, f"nothing was written, because there is already:{listed}")
    scaffold.write(root, files)
    for file in files:
        click.echo(f"  + {file.path}")
    click.echo(f"\n{_next(folder, root, service)}")
    return Exit.OK


def _owner(told: str | None, root: Path) -> str:
    owner = scaffold.owner_of(root.name) if told is None else told
    if scaffold.OWNER.fullmatch(owner):
        return owner
    hint = "1 to 63 letters, digits, - and _, with a letter or digit at both ends"
    raise Stop(Exit.USAGE, f"{plain(owner)!r} cannot be an owner", hint)


def _service(told: str | None, root: Path) -> Ci:
    if told:
        return Ci(told)
    try:
        return scaffold.ci_of(read_commit(root).repository)
    except RepositoryError:
        return scaffold.ci_of("")


def _next(folder: Path | None, root: Path, service: Ci) -> str:
    top = find_repository(root)
    steps = [f"cd {plain(str(folder))}"] * (folder not in {None, Path()})
    steps += ["git init"] * (not (top / ".git").exists())
    enter = "".join(f"{step}\n  " for step in steps)
    lines = [NEXT.format(enter=enter)]
    if service is not Ci.NONE:
        lines.append(SET_UP)
        if top != root:
            lines.append(f"Workflows are found at the top of a repository: {plain(str(top))}.")
    return "\n".join(lines)
