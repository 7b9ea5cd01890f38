"""Whether two commits ask for the same, known without judging a single document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reconciler.model import Diagnostic, Kinds, errors, mapping, text
from reconciler.source.commit import CommitTree
from reconciler.source.documents import Document, parse
from reconciler.source.files import RefusedError, resolve
from reconciler.source.fleet import find_documents, read_fleet
from reconciler.source.problems import Problems
from reconciler.source.schemas import read_schema
from reconciler.source.variables import OPEN

ROOT_KIND = "Fleet"


@dataclass(frozen=True, slots=True)
class Touched:
    """What differs between two commits, as far as a fleet is concerned; sorted paths."""

    documents: tuple[str, ...]
    """YAML files, the root file among them."""
    files: tuple[str, ...] = ()
    """What documents refer to; looked for only where no document differs."""

    def __bool__(self) -> bool:
        return bool(self.documents or self.files)


def touched(
    before: CommitTree, after: CommitTree, folder: str, kinds: Kinds, schemas: Path
) -> Touched | None:
    """What differs of the fleet in `folder`; None where only reading all of it could tell."""
    old, new = (documents(tree, folder, schemas) for tree in (before, after))
    if old is None or new is None:
        return None
    differing = {path for path in {*old, *new} if old.get(path) != new.get(path)}
    if differing:
        return Touched(tuple(sorted(differing)))
    after.expect(new)
    used: set[str] = set()
    for path in new:
        for written in _uses(path, after.read(path), kinds):
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


def _uses(path: str, content: bytes, kinds: Kinds) -> Iterator[str | None]:
    """The paths that the documents of a file refer to; None where that is not plain."""
    # To look for their names first spares reading the many documents that refer to nothing.
    if not any(kind.reads_files and name.encode() in content for name, kind in kinds.items()):
        return
    for parsed in parse(path, content):
        if not isinstance(parsed, Document):
            yield None
            return
        kind = kinds.get(text(parsed.data.get("kind")))
        for use in kind.files(mapping(parsed.data.get("spec"))) if kind else ():
            yield _resolved(parsed.path, use.path)


def _resolved(document: str, written: str) -> str | None:
    if OPEN in written:
        return None
    try:
        return resolve(document, written)
    except RefusedError:
        return None
