"""Files by their path in the repository, wherever they are kept.

Paths are POSIX and relative to the repository's root; the root itself is the empty path.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import BinaryIO, Protocol


class Found(Enum):
    """What stands at a path."""

    FILE = "file"
    FOLDER = "folder"
    NOTHING = "nothing"
    OUTSIDE = "outside"  # a link that leaves the repository
    LINK = "link"  # a link to a folder: it may hold itself, and is not followed on a walk


@dataclass(frozen=True, slots=True)
class Entry:
    path: str
    found: Found


class Tree(Protocol):
    """The files of one state of a repository: the working tree, later also a commit."""

    def find(self, path: str) -> Found: ...

    def entries(self, folder: str) -> tuple[Entry, ...]:
        """What stands directly in a folder, by name."""
        ...

    def read(self, path: str) -> bytes: ...

    def open(self, path: str) -> BinaryIO: ...


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

    def open(self, path: str) -> BinaryIO:
        return self.local(path).open("rb")

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
