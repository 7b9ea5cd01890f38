"""Files by their path in the repository, wherever they are kept.

Paths are POSIX and relative to the repository's root; the root itself is the empty path.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol, TypeAlias

from reconciler.model import FileContent
from reconciler.model.files import SMALL

BLOCK = 1 << 20
"""Bytes that are held in memory at once: models may have gigabytes."""

Local: TypeAlias = Callable[[str], Path]
"""From a path in the repository to one on this machine."""


class Found(Enum):
    """What stands at a path."""

    FILE = "file"
    FOLDER = "folder"
    NOTHING = "nothing"
    OUTSIDE = "outside"  # a link that leaves the repository
    LINK = "link"  # a link to a folder: it may hold itself, and is not followed on a walk
    SUBMODULE = "submodule"  # only the name of a commit of another repository


@dataclass(frozen=True, slots=True)
class Entry:
    path: str
    found: Found


class Tree(Protocol):
    """The files of one state of a repository: the working tree, or a commit."""

    def find(self, path: str) -> Found: ...

    def entries(self, folder: str) -> tuple[Entry, ...]:
        """What stands directly in a folder, by name."""
        ...

    def read(self, path: str) -> bytes: ...

    def content(self, path: str) -> FileContent:
        """Digest and size of a file, and its text where it is small."""
        ...

    def expect(self, paths: Iterable[str]) -> None:
        """These will be read soon: where one asks for many at once, that is the time to do so."""
        ...

    def laid_out(self) -> AbstractContextManager[Local]:
        """Where files are on this machine, as long as they are needed."""
        ...


class WorkTree:
    """The files as they are on this machine, committed or not."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def local(self, path: str) -> Path:
        """Where a path of the repository is on this machine."""
        return self.root / path

    def find(self, path: str) -> Found:
        try:
            real = self.local(path).resolve()
            if not real.is_relative_to(self.root):
                return Found.OUTSIDE
            if real.is_dir():
                return Found.FOLDER
            return Found.FILE if real.is_file() else Found.NOTHING
        except (OSError, RuntimeError, ValueError):
            return Found.NOTHING  # a link in a circle, a name too long or with a NUL

    def entries(self, folder: str) -> tuple[Entry, ...]:
        with os.scandir(self.local(folder)) as found:
            listed = sorted((entry.name, entry) for entry in found)
        prefix = f"{folder}/" if folder else ""
        return tuple(Entry(prefix + name, self._kind(prefix + name, e)) for name, e in listed)

    def read(self, path: str) -> bytes:
        return self.local(path).read_bytes()

    def content(self, path: str) -> FileContent:
        with self.local(path).open("rb") as stream:
            return measured(path, iter(lambda: stream.read(BLOCK), b""))

    def expect(self, paths: Iterable[str]) -> None:
        del paths  # a file is opened when it is read

    def laid_out(self) -> AbstractContextManager[Local]:
        return nullcontext(self.local)

    def _kind(self, path: str, entry: os.DirEntry[str]) -> Found:
        if entry.is_symlink():
            found = self.find(path)
            return Found.LINK if found is Found.FOLDER else found
        if entry.is_dir():
            return Found.FOLDER
        return Found.FILE if entry.is_file() else Found.NOTHING


def walk(tree: Tree, folder: str, ignored: frozenset[str]) -> Iterator[Entry]:
    """Every file below a folder, and every link that is not followed, in a fixed order."""
    for entry in tree.entries(folder):
        if entry.path.rpartition("/")[2] in ignored:
            continue
        if entry.found is Found.FOLDER:
            yield from walk(tree, entry.path, ignored)
        elif entry.found is not Found.NOTHING:
            yield entry


def measured(path: str, blocks: Iterator[bytes]) -> FileContent:
    """What the bytes of a file come to."""
    sha256, size, beginning = hashlib.sha256(), 0, b""
    for block in blocks:
        beginning = beginning or block[: SMALL + 1]
        sha256.update(block)
        size += len(block)
    return FileContent(
        path, sha256.hexdigest(), size, decoded(beginning) if size <= SMALL else None
    )


def decoded(data: bytes) -> str | None:
    """The text, if it is UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
