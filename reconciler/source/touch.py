"""Whether two commits ask for the same, known without judging a single document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reconciler.model import Diagnostic, Kinds, errors, mapping
from reconciler.model import text as text_of
from reconciler.source.commit import CommitTree
from reconciler.source.documents import Document, parse
from reconciler.source.files import RefusedError, resolve
from reconciler.source.fleet import find_documents, read_fleet
from reconciler.source.problems import Problems
from reconciler.source.schemas import read_schema
from reconciler.source.variables import OPEN

ROOT_KIND = "Fleet"
YAML = (".yaml", ".yml")
BETWEEN = re.compile(rb"^---", re.MULTILINE)
"""Where a document may begin; to split too often does no harm."""
HIDDEN = (rb"\$\{", rb"\\", rb"(?:[\s\"'\[{,:/])\.\.?/*[\"']?\s*(?:$|[\r\n,\]}#])")
"""Variables, escapes, and paths that end in dots."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What differs between two commits, as far as a fleet is concerned; sorted paths."""

    documents: tuple[str, ...]
    """YAML files, the root file among them."""
    files: tuple[str, ...] = ()
    """What documents refer to; looked for only where no document differs."""

    def __bool__(self) -> bool:
        return bool(self.documents or self.files)


@dataclass(frozen=True, slots=True)
class Change:
    """Two commits, and what differs in the whole repository."""

    before: CommitTree
    after: CommitTree
    files: tuple[str, ...]
    links: bool = True
    """Whether there are links, by which a file may be known under another name."""


def touched(change: Change, folder: str, kinds: Kinds, schemas: Path) -> Touched | None:
    """What differs of the fleet in `folder`; None where only reading all of it could tell."""
    before, after = change.before, change.after
    new = documents(after, folder, schemas)
    # Without links, what differs is known by its name: to look through one commit is enough.
    plain = not change.links and not any(path.endswith(YAML) for path in change.files)
    old = new if plain else documents(before, folder, schemas)
    if old is None or new is None:
        return None
    differing = {path for path in {*old, *new} if old.get(path) != new.get(path)}
    if differing:
        return Touched(tuple(sorted(differing)))
    after.expect(new)
    suspect = _suspicion(change)
    used: set[str] = set()
    for path in new:
        for written in _uses(path, after.read(path), kinds, suspect):
            if written is None:
                return None
            used.add(written)
    return Touched((), tuple(p for p in sorted(used) if before.state(p) != after.state(p)))


@lru_cache(maxsize=4)
def documents(tree: CommitTree, folder: str, schemas: Path) -> Mapping[str, object] | None:
    """Every YAML file of a fleet with the state that it is in, the root file first; None where
    the root file is not fine. A commit never changes: it is looked through once.
    """
    problems = Problems(tree)
    fleet = read_fleet(tree, folder, read_schema(schemas, ROOT_KIND), problems)
    files = (fleet.file, *find_documents(tree, fleet, problems))
    said: list[Diagnostic] = [problem.diagnostic for problem in problems.found]
    return None if errors(said) else {path: tree.state(path) for path in files}


def _suspicion(change: Change) -> Callable[[bytes], object]:
    """Whether a text may refer to one of the files that differ.

    A reference ends in the name of the file or of a folder above it, or in dots. What is spelled
    in a way that hides a name (a variable, an escape, a break within it) is suspect as well.
    """
    names = {step for path in change.files for step in path.split("/")}
    if change.links or any(name.split() != [name] for name in names):
        return lambda _text: True
    listed = (re.escape(name.encode("utf-8", "surrogateescape")) for name in sorted(names))
    return re.compile(b"|".join((*HIDDEN, *listed))).search


def _uses(
    path: str, content: bytes, kinds: Kinds, suspect: Callable[[bytes], object]
) -> Iterator[str | None]:
    """The paths that the documents of a file refer to; None where that is not plain.

    To look for names first spares reading the many documents that refer to nothing of interest.
    """
    names = [kind.name.encode() for kind in kinds.values() if kind.reads_files]
    texts = BETWEEN.split(content)
    if not any(name in text and suspect(text) for text in texts for name in names):
        return
    for parsed in parse(path, content):
        if not isinstance(parsed, Document):
            yield None
            return
        kind = kinds.get(text_of(parsed.data.get("kind")))
        for use in kind.files(mapping(parsed.data.get("spec"))) if kind else ():
            yield _resolved(parsed.path, use.path)


def _resolved(document: str, written: str) -> str | None:
    if OPEN in written:
        return None
    try:
        return resolve(document, written)
    except RefusedError:
        return None
