"""Only those documents of two commits that can differ, read anew; of all others, facts suffice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.model import Kinds, ResourceId
from reconciler.model.digest import digest
from reconciler.source.cache import Pack, Shelf, packed
from reconciler.source.commit import CommitTree
from reconciler.source.drafts import ENVIRONMENT
from reconciler.source.facts import Pages, around, fits, pages, seal, standing
from reconciler.source.load import Loaded, Loading
from reconciler.source.touch import documents


@dataclass(frozen=True, slots=True)
class Fleets:
    """How a fleet is found and read."""

    folder: str
    environment: str | None
    kinds: Kinds
    schemas: Path

    def load(self, tree: CommitTree, only: frozenset[str] | None = None) -> Loaded:
        loading = Loading(tree, self.folder, self.kinds, self.schemas)
        return loading.load(self.environment, only)


@dataclass(frozen=True, slots=True)
class Difference:
    """Two states of a fleet, as far as they can differ."""

    before: Loaded
    after: Loaded
    managed: Mapping[str, int]
    """By kind, documents that are left out: what we write for them is the same in both."""
    referred: int
    """Documents that are left out, and that nobody here writes."""


@dataclass(frozen=True, slots=True)
class _State:
    """What is known of one commit."""

    tree: CommitTree
    loaded: Loaded
    """As much as was read anew."""
    pages: Pages
    """All of it."""

    @property
    def context(self) -> str:
        chosen = self.loaded.environment
        return digest((self.loaded.owner, chosen.spec if chosen else None))

    def environments(self) -> frozenset[str]:
        """The files in which environments stand."""
        facts = ((path, fact) for path, page in self.pages.items() for fact in page.facts)
        return frozenset(path for path, fact in facts if fact.id.kind == ENVIRONMENT)


def difference(
    fleets: Fleets, before: CommitTree, after: CommitTree, shelf: Shelf
) -> Difference | None:
    """None where only reading both fleets whole could tell: there is something wrong in one of
    them, or the environment differs, on which every document depends.
    """
    pack = shelf.load()
    new = _again(fleets, after, pack) or _whole(fleets, after)
    if new is None:
        return None
    known = packed(new.context, new.environments(), new.pages)
    old = _again(fleets, before, known.beside(pack))
    if old is None:
        return None
    made = packed(new.context, new.environments(), old.pages, new.pages)
    made = replace(made, fitting=frozenset({seal(old.pages), seal(new.pages)}))
    if made != pack:
        shelf.save(made)
    return _compared(fleets, old, new)


def _whole(fleets: Fleets, tree: CommitTree) -> _State | None:
    loaded = fleets.load(tree)
    return _State(tree, loaded, pages(tree, loaded, fleets.kinds)) if loaded.complete else None


def _again(fleets: Fleets, tree: CommitTree, pack: Pack) -> _State | None:
    """The state of a commit, by what is known of others; None where that does not suffice."""
    listed = documents(tree, fleets.folder, fleets.schemas) or ()
    found = ((path, pack.page(path, tree.name(path))) for path in listed)
    known = {path: page for path, page in found if page and standing(page, tree)}
    if not known or not pack.environments.issubset(listed):
        return None
    loaded = fleets.load(tree, pack.environments | (frozenset(listed) - known.keys()))
    all_pages = {**known, **pages(tree, loaded, fleets.kinds)}
    state = _State(tree, loaded, {path: all_pages[path] for path in sorted(all_pages)})
    if not loaded.complete or state.context != pack.context:
        return None
    fine = seal(state.pages) in pack.fitting or fits(state.pages, fleets.kinds)
    return state if fine else None


def _compared(fleets: Fleets, old: _State, new: _State) -> Difference:
    paths = {p for p in {*old.pages, *new.pages} if old.pages.get(p) != new.pages.get(p)}
    differing = [_some(state.pages, paths) for state in (old, new)]
    touched = {fact.id for state in differing for page in state.values() for fact in page.facts}
    wanted = around((differing[0], new.pages), touched)
    left = [f for page in new.pages.values() for f in page.facts if f.id not in wanted]
    managed = Counter(fact.id.kind for fact in left if fact.managed)
    del managed[ENVIRONMENT]
    return Difference(
        _closer(fleets, old, wanted),
        _closer(fleets, new, wanted),
        managed,
        sum(not fact.managed and fact.id.kind != ENVIRONMENT for fact in left),
    )


def _some(pages: Pages, paths: Collection[str]) -> Pages:
    return {path: page for path, page in pages.items() if path in paths}


def _closer(fleets: Fleets, state: _State, wanted: Collection[ResourceId]) -> Loaded:
    """The drafts that are wanted; of files that were not read yet, these are read now."""
    loaded = state.loaded
    missing = {
        path
        for path, page in state.pages.items()
        if path not in loaded.read and any(fact.id in wanted for fact in page.facts)
    }
    drafts, said = loaded.drafts, loaded.diagnostics
    if missing:
        more = fleets.load(state.tree, state.environments() | missing)
        drafts, said = (*drafts, *more.drafts), (*said, *more.diagnostics)
    chosen = {draft.id: draft for draft in drafts if draft.id in wanted}
    return replace(
        loaded,
        drafts=tuple(chosen[key] for key in sorted(chosen)),
        diagnostics=tuple(dict.fromkeys(said)),
    )
