"""All of `import` that needs no file: from the text of a file to documents and faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.edge.convert import convert
from reconciler.edge.documents import Document, plain_name
from reconciler.edge.json_text import JsonError, Located, Position, parse
from reconciler.edge.wrapper import Found, manifests
from reconciler.model import Fault, FieldPath, Severity, Value, text

_HINTS = {
    "modules": "this looks like a list of a device's modules; save the deployment itself",
    "resources": "this looks like an ARM template; save the deployment itself",
}
_ENDINGS = (".json", ".jsonc", ".template", ".debug")


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest of a file, and what became of it."""

    name: str
    documents: tuple[Document, ...]
    faults: tuple[Fault, ...]
    content: Value
    """`modulesContent` as it stands in the file."""
    placeholders: Mapping[str, str]
    position: Callable[[FieldPath], Position]


def manifests_of(source: str, file: str, folder: str, names: set[str]) -> Iterator[Manifest]:
    """Every manifest in the text of a file.

    `names` are those of deployments that are taken; the new ones are added.
    """
    try:
        located = parse(source)
    except JsonError as error:
        fault = Fault((), "json.syntax", str(error), error.hint)
        yield Manifest("", (), (fault,), None, {}, _always(error.position))
        return
    found = manifests(located.value)
    if not found:
        yield Manifest("", (), (_nothing(located),), None, {}, located.position)
    for manifest in found:
        name = _free(_name(manifest, file, folder), names)
        names.add(name)
        became = convert(manifest, name, file)
        yield Manifest(
            name,
            became.documents,
            (*became.faults, *_unquoted(located, manifest)),
            manifest.content,
            became.placeholders,
            located.position,
        )


def _unquoted(located: Located, manifest: Found) -> Iterator[Fault]:
    for path in located.unquoted:
        if path[: len(manifest.path)] == manifest.path:
            summary = "a placeholder stands for a number, or for true or false"
            hint = "give its variable such a value in the Environment, without quotes"
            yield Fault(path, "placeholder.unquoted", summary, hint, Severity.WARNING)


def _nothing(located: Located) -> Fault:
    summary = "there is no deployment manifest in this file"
    hint = 'a manifest has "modulesContent" with "$edgeAgent" in it'
    if isinstance(located.value, Mapping):
        for key, special in _HINTS.items():
            hint = special if key in located.value else hint
    return Fault((), "manifest.missing", summary, hint)


def _name(manifest: Found, file: str, folder: str) -> str:
    stem = file
    while stem.lower().endswith(_ENDINGS):
        stem = stem.rpartition(".")[0]
    told = text(manifest.configuration.get("id"))
    return plain_name(told) or plain_name(stem) or plain_name(folder) or "deployment"


def _free(name: str, names: set[str]) -> str:
    count, free = 1, name
    while free.lower() in {taken.lower() for taken in names}:
        count += 1
        free = f"{name}-{count}"
    return free


def _always(position: Position) -> Callable[[FieldPath], Position]:
    return lambda _path: position
