"""The file that marks a fleet, and the YAML files that belong to it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.model import Diagnostic, Fault, Origin, Severity, sequence, text
from reconciler.source.compose import Note
from reconciler.source.documents import Document, parse
from reconciler.source.files import RefusedError, resolve
from reconciler.source.git import ROOT_FILE
from reconciler.source.problems import Problems
from reconciler.source.schemas import Schema
from reconciler.source.tree import Found, Tree


@dataclass(frozen=True, slots=True)
class Fleet:
    """What reconciler.yaml says."""

    file: str
    owner: str = ""
    paths: tuple[str, ...] = ()
    """Files and folders with documents, relative to the repository's root."""


def read_fleet(tree: Tree, folder: str, schema: Schema, problems: Problems) -> Fleet:
    """The root file of the fleet in `folder`; its faults are added to `problems`."""
    file = posixpath.join(folder, ROOT_FILE)
    if tree.find(file) is not Found.FILE:
        summary = f"there is no {ROOT_FILE} in {folder or 'this folder'}"
        hint = "begin a fleet with `reconciler init`, or name its folder with --fleet"
        said = Diagnostic(Severity.ERROR, "fleet.missing", summary, hint, origin=Origin(file, 1))
        problems.add_diagnostic(said)
        return Fleet(file)
    document = _single(file, tree.read(file), problems)
    if document is None:
        return Fleet(file)
    faults = schema.faults(document.data)
    for fault in faults:
        problems.add_fault(document, fault)
    if faults:
        return Fleet(file)
    return Fleet(file, text(document.data["owner"]), tuple(_paths(tree, document, problems)))


def find_documents(tree: Tree, fleet: Fleet, problems: Problems) -> Iterator[str]:
    """Every YAML file below the fleet's paths, once, sorted."""
    found: set[str] = set()
    for path in fleet.paths:
        if tree.find(path) is Found.FILE:
            found.add(path)
        else:
            found.update(_below(tree, path, problems))
    yield from sorted(found - {fleet.file})


def _single(file: str, content: bytes, problems: Problems) -> Document | None:
    documents: list[Document] = []
    for parsed in parse(file, content):
        match parsed:
            case Note():
                problems.add_note(file, parsed)
            case Document():
                documents.append(parsed)
    if len(documents) != 1 and not problems.found:
        note = Note(0, 0, "fleet.root", f"must hold one document, not {len(documents)}")
        problems.add_note(file, note)
    return documents[0] if len(documents) == 1 else None


def _paths(tree: Tree, document: Document, problems: Problems) -> Iterator[str]:
    for index, written in enumerate(sequence(document.data.get("paths", (".",)))):
        at = ("paths", str(index))
        try:
            path = resolve(document.path, text(written))
        except RefusedError as error:
            problems.add_fault(document, error.at(at))
            continue
        if tree.find(path) in {Found.FILE, Found.FOLDER}:
            yield path
        else:
            hint = "paths are relative to this file"
            problems.add_fault(
                document, Fault(at, "file.missing", f'"{written}" is not there', hint)
            )


def _below(tree: Tree, folder: str, problems: Problems) -> Iterator[str]:
    """YAML files, but not those in hidden folders (.git, .github, .reconciler)."""
    for entry in tree.entries(folder):
        name = entry.path.rpartition("/")[2]
        if name.startswith("."):
            continue
        if entry.found is Found.FOLDER:
            yield from _below(tree, entry.path, problems)
        elif entry.found is Found.FILE and _is_yaml(name):
            yield entry.path
        elif entry.found in {Found.LINK, Found.SUBMODULE} or (
            entry.found is Found.OUTSIDE and _is_yaml(name)
        ):
            problems.add_note(entry.path, _skipped(entry.found))


def _is_yaml(name: str) -> bool:
    return name.endswith((".yaml", ".yml"))


def _skipped(found: Found) -> Note:
    if found is Found.SUBMODULE:
        summary = "is a submodule, and not read"
        hint = "a commit does not hold its files: put the documents into this repository"
        return Note(0, 0, "file.submodule", summary, hint, Severity.WARNING)
    what = "out of the repository" if found is Found.OUTSIDE else "to a folder"
    hint = "put the documents themselves there, or name the folder in paths of reconciler.yaml"
    return Note(0, 0, "file.outside", f"is a link {what}, and not read", hint, Severity.WARNING)
