"""What files say, before any cloud is asked."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.kinds.environment.spec import EnvironmentSettings, settings
from reconciler.model import (
    Commit,
    Diagnostic,
    FieldPath,
    Origin,
    Resource,
    Scope,
    errors,
)
from reconciler.providers.port import ProviderError
from reconciler.registry import KINDS, SCHEMAS
from reconciler.source.git import RepositoryError, find_fleet, find_repository
from reconciler.source.load import Loaded, Loading, load
from reconciler.source.locate import Locator
from reconciler.source.revision import Place, Repository, Revision
from reconciler.source.tree import Local, Tree, WorkTree


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything that files say, and everything that is wrong with them."""

    root: Path
    tree: Tree
    commit: Commit
    owner: str
    environment: EnvironmentSettings | None
    drafts: tuple[Resource, ...]
    diagnostics: tuple[Diagnostic, ...]
    documents: int
    files: int
    origin: Origin | None = None
    """Where the environment is written."""
    environments: tuple[str, ...] = ()
    """The names of all that the fleet has, chosen or not."""
    today: str = ""
    """The day for which it was read, as `2026-12-31`: agreements may be over by then."""

    @property
    def settings(self) -> EnvironmentSettings:
        """Of the chosen environment, which a valid fleet has."""
        if self.environment is None:
            raise AssertionError("a fleet without an environment is not valid")
        return self.environment

    @property
    def valid(self) -> bool:
        return not errors(self.diagnostics)

    def place(self, origin: Origin, path: FieldPath) -> Origin:
        """Where a field of the spec stands whose document starts at `origin`."""
        locator = Locator(origin.path, self.tree.read(origin.path).decode("utf-8", "replace"))
        return locator.origin(origin.line, ("spec", *path))

    @property
    def scope(self) -> Scope:
        name = self.environment.name if self.environment else ""
        return Scope(self.owner, name)


@contextmanager
def few_collections() -> Iterator[None]:
    """Documents and changes are many, live to the end and make no cycles: looking for some among
    them again and again would cost a third of a large run.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@few_collections()
def read_fleet(
    folder: Path | None, start: Path, environment: str | None, rev: str | None = None
) -> Fleet:
    """Everything that can be known without a cloud.

    With `rev`, as it stands in that commit: the working tree is not looked at. Raises a
    `RevisionError` where there is no such commit, and a `RepositoryError` where it cannot be read.
    """
    if rev is not None:
        return _committed(folder, start, environment, rev)
    root = folder.resolve() if folder else find_fleet(start)
    found = load(root, environment, KINDS, SCHEMAS)
    return _fleet(root, WorkTree(find_repository(root)), found)


def _committed(folder: Path | None, start: Path, environment: str | None, rev: str) -> Fleet:
    place = Place.of(folder, start)
    return fleet_at(place, Repository(place.repository).read(rev), environment)


def fleet_at(place: Place, revision: Revision, environment: str | None) -> Fleet:
    """The fleet of a commit that is open."""
    where = place.fleet(revision.tree)
    found = Loading(revision.tree, where, KINDS, SCHEMAS).load(environment)
    return fleet_of(place, revision, found)


def fleet_of(place: Place, revision: Revision, found: Loaded) -> Fleet:
    """What was found in a commit, which may be a part of the fleet."""
    root = place.repository / place.fleet(revision.tree)
    return _fleet(root, revision.tree, replace(found, commit=revision.commit))


def _fleet(root: Path, tree: Tree, found: Loaded) -> Fleet:
    chosen = found.environment
    return Fleet(
        root=root,
        tree=tree,
        commit=found.commit,
        owner=found.owner,
        environment=settings(chosen.id.name, chosen.spec) if chosen else None,
        drafts=found.drafts,
        diagnostics=found.diagnostics,
        documents=found.documents,
        files=found.files,
        origin=chosen.origin if chosen else None,
        environments=tuple(found.environments),
    )


@contextmanager
def laid_out(fleet: Fleet) -> Iterator[Local]:
    """Where the fleet's files are on this machine; those of a commit are copied when needed."""
    with fleet.tree.laid_out() as local:

        def found(path: str) -> Path:
            try:
                return local(path)
            except RepositoryError as error:
                raise ProviderError(str(error), error.hint) from error

        yield found


def kind_names() -> tuple[str, ...]:
    return tuple(sorted(KINDS))


DOCUMENTS = ("Plan", "Snapshot")
"""What is written and not read from a fleet, and has a published schema as the kinds have."""


def schema_names() -> tuple[str, ...]:
    return tuple(sorted((*kind_names(), *DOCUMENTS)))


def schema_text(kind: str) -> str:
    """The JSON Schema of a kind, or of a document that we write."""
    words = "".join(f"_{c.lower()}" if c.isupper() else c for c in kind).lstrip("_")
    return (SCHEMAS / f"{words}.schema.json").read_text(encoding="utf-8")
