"""`import`: documents from the manifests of deployments that exist already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from reconciler.cli.exits import Exit
from reconciler.edge import imports
from reconciler.model import Diagnostic, Fault, Origin, Severity
from reconciler.report.text import problem
from reconciler.report.words import plain
from reconciler.source.export import Commented, as_yaml


@click.command()
@click.option(
    "--manifest",
    "manifests",
    multiple=True,
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A manifest or template (JSON). Further files may follow it, so that *.json works.",
)
@click.argument(
    "more", nargs=-1, type=click.Path(dir_okay=False, path_type=Path), metavar="[FILE]..."
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the documents; one YAML file for each deployment.",
)
def command(manifests: Sequence[Path], more: Sequence[Path], out: Path) -> Exit:
    """Write documents from IoT Edge deployment manifests.

    Reads base and layered manifests, whole configurations as the hub and `az iot edge deployment
    show` give them, and templates with placeholders. Passwords are not copied: a
    RegistryCredential names an environment variable for each. A file that cannot be imported is
    explained, and the others are written all the same; then the exit code is 3. Nothing that is
    there already is written over.
    """
    names: set[str] = set()
    invalid = 0
    for path in (*manifests, *more):
        for outcome in _imported(path, names):
            for diagnostic in outcome.diagnostics:
                click.echo(problem(diagnostic), err=True)
            written = outcome.text and _write(out / f"{outcome.name}.yaml", outcome)
            invalid += not written
    if invalid:
        click.echo(f"{invalid} not imported", err=True)
    return Exit.INVALID if invalid else Exit.OK


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one manifest."""

    name: str
    text: str
    diagnostics: tuple[Diagnostic, ...]


def _imported(path: Path, names: set[str]) -> Iterator[_Outcome]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        yield _Outcome("", "", (_unreadable(path, reason or str(error)),))
        return
    for manifest in imports.manifests_of(text, path.name, path.parent.name, names):
        documents = [Commented(d.value, d.comments) for d in manifest.documents]
        told = tuple(_diagnostic(path, manifest, fault) for fault in manifest.faults)
        yield _Outcome(manifest.name, as_yaml(documents) if documents else "", told)


def _write(target: Path, outcome: _Outcome) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(outcome.text)
    except FileExistsError:
        hint = "remove it, or choose another folder with --out"
        summary = "is there already"
        origin = Origin(str(target), 1)
        click.echo(
            str(Diagnostic(Severity.ERROR, "import.exists", summary, hint, origin=origin)), err=True
        )
        return False
    click.echo(str(target))
    return True


def _diagnostic(path: Path, manifest: imports.Manifest, fault: Fault) -> Diagnostic:
    position = manifest.position(fault.path)
    origin = Origin(str(path), position.line, position.column)
    summary, hint = plain(fault.summary), plain(fault.hint)
    return Diagnostic(fault.severity, fault.code, summary, hint, origin=origin, path=fault.path)


def _unreadable(path: Path, reason: str) -> Diagnostic:
    summary = f"cannot be read: {reason}"
    return Diagnostic(Severity.ERROR, "file.unreadable", summary, origin=Origin(str(path), 1))
