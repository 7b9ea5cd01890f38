"""What must be known of a document to tell what depends on it, and whether it fits the others.

Facts are a hundredth of a document, and enough to leave documents unread that did not change.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from reconciler.model import Kinds, Origin, Resource, ResourceId, canonical
from reconciler.model.spacing import APART
from reconciler.source.commit import CommitTree
from reconciler.source.files import under
from reconciler.source.load import Loaded


@dataclass(frozen=True, slots=True)
class Fact:
    """One document that was read without a complaint."""

    id: ResourceId
    line: int
    managed: bool
    refs: tuple[ResourceId, ...] = ()
    place: tuple[str, int] | None = None
    """Its place in an order, and among whom (`Kind.spacing`)."""
    uses: tuple[tuple[str, str], ...] = ()
    """The files and folders that it refers to, each with the mark of what stood there."""


@dataclass(frozen=True, slots=True)
class Page:
    """One YAML file."""

    oid: str
    facts: tuple[Fact, ...] = ()
    foreign: bool = False
    """Whether it holds no document of ours, which is fine as long as one of ours names it."""
    sound: bool = True
    """Whether there was nothing to be said of it, not even a warning."""


Pages = Mapping[str, Page]
"""By path."""


def pages(tree: CommitTree, loaded: Loaded, kinds: Kinds) -> Pages:
    """Of everything that was loaded, which had no errors."""
    drafts = (*loaded.drafts, *loaded.environments.values())
    spoken_of = {said.origin.path for said in loaded.diagnostics if said.origin}
    subjects = {said.subject for said in loaded.diagnostics}
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for draft in drafts:
        origin = draft.origin or Origin("", 0)
        found[origin.path].append(_fact(draft, tree, loaded, kinds))
        if draft.id in subjects:
            spoken_of.add(origin.path)
    used = {path for paths in loaded.uses.values() for path in paths}
    return {
        path: Page(
            tree.name(path),
            tuple(found.get(path, ())),
            foreign=path not in found and under(path, used),
            sound=path not in spoken_of,
        )
        for path in loaded.read
    }


def fits(pages: Pages, kinds: Kinds) -> bool:
    """Whether all these documents go together: a no is worded by reading all of them."""
    facts = [fact for page in pages.values() for fact in page.facts]
    ids = {fact.id for fact in facts}
    used = {use for fact in facts for use, _mark in fact.uses}
    return (
        len(ids) == len(facts)
        and all(ref in ids for fact in facts for ref in fact.refs)
        and not _circular(facts)
        and _apart(facts)
        and _distinct(facts, kinds)
        and all(under(path, used) for path, page in pages.items() if page.foreign)
    )


def standing(page: Page, tree: CommitTree) -> bool:
    """Whether everything that the page refers to still is what it was."""
    return all(tree.mark(use) == mark for fact in page.facts for use, mark in fact.uses)


def _fact(draft: Resource, tree: CommitTree, loaded: Loaded, kinds: Kinds) -> Fact:
    kind, origin = kinds[draft.id.kind], draft.origin or Origin("", 0)
    spacing = kind.spacing(draft.spec)
    return Fact(
        draft.id,
        origin.line,
        kind.managed(draft.spec),
        tuple(sorted(set(draft.refs.values()))),
        (canonical(spacing[0]), spacing[1]) if spacing else None,
        tuple((path, tree.mark(path)) for path in loaded.uses.get(origin, ())),
    )


def _circular(facts: Iterable[Fact]) -> bool:
    """Most documents refer to what refers to nothing, and cannot be part of a circle."""
    referring = {fact.id for fact in facts if fact.refs}
    onwards = ((fact.id, [ref for ref in fact.refs if ref in referring]) for fact in facts)
    try:
        TopologicalSorter({name: refs for name, refs in onwards if refs}).prepare()
    except CycleError:
        return True
    return False


def _apart(facts: Iterable[Fact]) -> bool:
    companies: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for fact in facts:
        if fact.place:
            companies[fact.id.kind, fact.place[0]].append(fact.place[1])
    return all(
        high - low >= APART
        for places in map(sorted, companies.values())
        for low, high in pairwise(places)
    )


def _distinct(facts: Collection[Fact], kinds: Kinds) -> bool:
    addresses = {(fact.id.kind, kinds[fact.id.kind].address(fact.id.name)) for fact in facts}
    return len(addresses) == len(facts)


def seal(pages: Pages) -> str:
    """The same for two states only if all that `fits` looks at is the same."""
    sha256 = hashlib.sha256()
    for path in sorted(pages):
        page = pages[path]
        marks = [mark for fact in page.facts for _use, mark in fact.uses]
        sha256.update(repr((path, page.oid, page.foreign, marks)).encode())
    return sha256.hexdigest()


def around(states: Iterable[Pages], touched: Collection[ResourceId]) -> frozenset[ResourceId]:
    """What was touched, what refers to it, and what all of these refer to, however far."""
    refs: defaultdict[ResourceId, list[ResourceId]] = defaultdict(list)
    referrers: defaultdict[ResourceId, list[ResourceId]] = defaultdict(list)
    every = (fact for pages in states for page in pages.values() for fact in page.facts)
    for fact in every:
        for ref in fact.refs:
            refs[fact.id].append(ref)
            referrers[ref].append(fact.id)
    return _reached(_reached(touched, referrers), refs)


def _reached(
    start: Collection[ResourceId], edges: Mapping[ResourceId, Collection[ResourceId]]
) -> frozenset[ResourceId]:
    found, left = set(start), list(start)
    while left:
        new = set(edges.get(left.pop(), ())) - found
        found |= new
        left += new
    return frozenset(found)
