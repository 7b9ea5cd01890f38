"""What files say, before any cloud is asked."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
from reconciler.registry import KINDS, SCHEMAS
from reconciler.source.git import find_fleet, find_repository
from reconciler.source.load import load
from reconciler.source.locate import Locator
from reconciler.source.tree import WorkTree


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything that files say, and everything that is wrong with them."""

    root: Path
    tree: WorkTree
    commit: Commit
    owner: str
    environment: EnvironmentSettings | None
    drafts: tuple[Resource, ...]
    diagnostics: tuple[Diagnostic, ...]
    documents: int
    files: int

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
def read_fleet(folder: Path | None, start: Path, environment: str | None) -> Fleet:
    """Everything that can be known without a cloud."""
    root = folder.resolve() if folder else find_fleet(start)
    found = load(root, environment, KINDS, SCHEMAS)
    chosen = found.environment
    return Fleet(
        root=root,
        tree=WorkTree(find_repository(root)),
        commit=found.commit,
        owner=found.owner,
        environment=settings(chosen.id.name, chosen.spec) if chosen else None,
        drafts=found.drafts,
        diagnostics=found.diagnostics,
        documents=found.documents,
        files=found.files,
    )


def kind_names() -> tuple[str, ...]:
    return tuple(sorted(KINDS))


def schema_text(kind: str) -> str:
    """The JSON Schema of a kind."""
    words = "".join(f"_{c.lower()}" if c.isupper() else c for c in kind).lstrip("_")
    return (SCHEMAS / f"{words}.schema.json").read_text(encoding="utf-8")
