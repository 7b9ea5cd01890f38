"""Facts of documents that were read before, kept under the git directory.

A page is known by the name of its blob, so that nothing in here can be out of date; removing the
folder costs the next preview a few seconds. It is JSON, for whoever can write it must not be able
to run anything, and holds names and digests only: documents hold no secrets, and less is here.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from reconciler import VERSION
from reconciler.model import ResourceId
from reconciler.source.facts import Fact, Page, Pages

FOLDER = Path("reconciler/cache/v1")
PACKS = 8
"""Fleets and environments that are remembered; the ones that were not used longest go."""
LARGEST = 64 << 20
"""Bytes of one pack."""


@dataclass(frozen=True, slots=True)
class Pack:
    """What is known of one fleet for one environment, in the states that were read last."""

    context: str = ""
    """A digest of what the environment gives to the documents."""
    environments: frozenset[str] = frozenset()
    """The files in which environments were found."""
    pages: Mapping[str, tuple[Page, ...]] = field(default_factory=dict)
    """By path, one for each content."""
    fitting: frozenset[str] = frozenset()
    """The seals of states in which all documents go together."""

    def page(self, path: str, oid: str) -> Page | None:
        return next((page for page in self.pages.get(path, ()) if page.oid == oid), None)

    def beside(self, other: Pack) -> Pack:
        """With what else another pack knows, if that is about the same environment."""
        if other.context != self.context:
            return self
        paths = {*self.pages, *other.pages}
        every = {p: (*self.pages.get(p, ()), *other.pages.get(p, ())) for p in paths}
        return replace(self, pages=every, fitting=other.fitting)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the pack of one fleet and environment is kept; a folder that refuses holds nothing."""

    file: Path

    @classmethod
    def of(cls, git: Path, schemas: Path, *asked: str) -> Shelf:
        """`asked` is what the loader was asked for. Another version finds nothing of ours."""
        sha256 = hashlib.sha256(json.dumps([VERSION, *asked]).encode())
        for schema in sorted(schemas.glob("*.json")):
            sha256.update(schema.read_bytes())
        return cls(git / FOLDER / f"{sha256.hexdigest()}.json")

    def load(self) -> Pack:
        """What is there; nothing where that cannot be read, or was cut off."""
        try:
            with suppress(OSError):
                os.utime(self.file)
            return _pack(json.loads(self.file.read_bytes()))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return Pack()

    def save(self, pack: Pack) -> None:
        """All of it or nothing: another run may be reading or writing."""
        written = json.dumps(_plain(pack), separators=(",", ":"), sort_keys=True).encode()
        if len(written) > LARGEST:
            return
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self.file.parent, suffix=".new", delete=False) as new:
                new.write(written)
            Path(new.name).replace(self.file)
            self._tidy()

    def _tidy(self) -> None:
        found = sorted(self.file.parent.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        for file in found[:-PACKS]:
            file.unlink(missing_ok=True)


def packed(context: str, environments: Iterable[str], *states: Pages) -> Pack:
    """The states to be remembered; of a path that is the same in two of them, one page."""
    pages: dict[str, tuple[Page, ...]] = {}
    for path, page in chain.from_iterable(state.items() for state in states):
        known = pages.get(path, ())
        if page.sound and page not in known:
            pages[path] = (*known, page)
    return Pack(context, frozenset(environments), pages)


def _plain(pack: Pack) -> Mapping[str, object]:
    return {
        "context": pack.context,
        "environments": sorted(pack.environments),
        "fitting": sorted(pack.fitting),
        "pages": {
            path: [[page.oid, page.foreign, [_row(fact) for fact in page.facts]] for page in found]
            for path, found in pack.pages.items()
        },
    }


def _row(fact: Fact) -> list[object]:
    refs = [[ref.kind, ref.name] for ref in fact.refs]
    return [fact.id.kind, fact.id.name, fact.line, fact.managed, refs, fact.place, fact.uses]


def _pack(told: Mapping[str, Any]) -> Pack:
    pages = {path: tuple(map(_page, found)) for path, found in told["pages"].items()}
    environments, fitting = frozenset(told["environments"]), frozenset(told["fitting"])
    return Pack(str(told["context"]), environments, pages, fitting)


def _page(told: Sequence[Any]) -> Page:
    oid, foreign, rows = told
    return Page(oid, tuple(map(_fact, rows)), foreign)


def _fact(row: Sequence[Any]) -> Fact:
    kind, name, line, managed, refs, place, uses = row
    return Fact(
        ResourceId(kind, name),
        line,
        managed,
        tuple([ResourceId(*ref) for ref in refs]),
        (place[0], place[1]) if place else None,
        tuple([(path, mark) for path, mark in uses]),
    )
