"""The files of a commit, straight from git's objects: nothing is checked out."""

from __future__ import annotations

import errno
import hashlib
import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from reconciler.model import JUNK, FileContent
from reconciler.source.lfs import read_pointer
from reconciler.source.objects import Node, Objects, Sort
from reconciler.source.tree import Entry, Found, Local, measured, walk

LINKS = 40
"""Links in a row that are followed; so does Linux."""
FOUND: Mapping[Sort, Found] = {
    Sort.FILE: Found.FILE,
    Sort.FOLDER: Found.FOLDER,
    Sort.SUBMODULE: Found.SUBMODULE,
}


class CommitTree:
    """A `Tree` of what was committed, whatever the working tree holds."""

    def __init__(self, objects: Objects, oid: bytes) -> None:
        self._objects = objects
        self.oid = oid
        self._root = Node(Sort.FOLDER, oid)
        self._folders: dict[bytes, Mapping[str, Node]] = {}
        self._contents: dict[bytes, FileContent] = {}
        self._large: set[bytes] = set()
        """Files that Git LFS keeps."""

    def find(self, path: str) -> Found:
        found = self._seek(path)
        return FOUND[found.sort] if isinstance(found, Node) else found

    def entries(self, folder: str) -> tuple[Entry, ...]:
        nodes = self._below(self._node(folder))
        prefix = f"{folder}/" if folder else ""
        return tuple(Entry(prefix + n, self._kind(prefix + n, nodes[n])) for n in sorted(nodes))

    def read(self, path: str) -> bytes:
        return self._objects.read(self._node(path).oid)

    def content(self, path: str) -> FileContent:
        """Of a file that Git LFS keeps, what its pointer tells: its bytes need not be there."""
        oid = self._node(path).oid
        if oid not in self._contents:
            self._contents[oid] = self._measured(oid)
        return replace(self._contents[oid], path=path)

    def state(self, path: str) -> object:
        """Equal for two commits where the same stands at a path, links followed."""
        found = self._seek(path)
        if isinstance(found, Node) and found.sort is Sort.FOLDER:
            return tuple((e.path, e.found, self._seek(e.path)) for e in walk(self, path, JUNK))
        return found

    def mark(self, path: str) -> str:
        """The same as a text that can be kept; links to elsewhere are followed."""
        return hashlib.sha256(repr(self.state(path)).encode()).hexdigest()

    def name(self, path: str) -> str:
        """The hexadecimal name of the object at a path; empty where there is none."""
        found = self._seek(path)
        return found.oid.hex() if isinstance(found, Node) else ""

    def expect(self, paths: Iterable[str]) -> None:
        nodes = (self._seek(path) for path in paths)
        self._objects.expect(node.oid for node in nodes if isinstance(node, Node))

    @contextmanager
    def laid_out(self) -> Iterator[Local]:
        """Whatever is asked for is copied into a folder that is removed in the end."""
        with TemporaryDirectory(prefix="reconciler-files-") as folder:
            yield _Copies(self, Path(folder)).local

    def copy(self, path: str, target: Path) -> None:
        """Write a file of the commit; raises MissingObjectError where its bytes are elsewhere."""
        target.parent.mkdir(parents=True, exist_ok=True)
        content, oid = self.content(path), self._node(path).oid
        if oid in self._large:
            target.symlink_to(self._objects.large(content.sha256, path))
            return
        with target.open("wb") as file:
            for block in self._objects.blocks(oid):
                file.write(block)

    def _measured(self, oid: bytes) -> FileContent:
        content = measured("", self._objects.blocks(oid))
        if (pointer := read_pointer(content.text)) is None:
            return content
        self._large.add(oid)
        return FileContent("", pointer.sha256, pointer.size)

    def _kind(self, path: str, node: Node) -> Found:
        if node.sort is not Sort.LINK:
            return FOUND[node.sort]
        found = self.find(path)
        return Found.LINK if found is Found.FOLDER else found

    def _node(self, path: str) -> Node:
        found = self._seek(path)
        if isinstance(found, Node):
            return found
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    def _below(self, folder: Node) -> Mapping[str, Node]:
        if folder.oid not in self._folders:
            self._folders[folder.oid] = self._objects.nodes(folder.oid)
        return self._folders[folder.oid]

    def _seek(self, path: str, links: int = 0) -> Node | Found:
        """What stands at a path, links followed as far as they stay inside."""
        node, steps = self._root, path.split("/") if path else []
        for index, step in enumerate(steps):
            if node.sort is not Sort.FOLDER:
                return Found.SUBMODULE if node.sort is Sort.SUBMODULE else Found.NOTHING
            inner = self._below(node).get(step)
            if inner is None:
                return Found.NOTHING
            if inner.sort is Sort.LINK:
                target = self._target("/".join(steps[:index]), inner)
                if target is None or links == LINKS:
                    return Found.NOTHING if target else Found.OUTSIDE
                return self._seek(posixpath.join(target, *steps[index + 1 :]), links + 1)
            node = inner
        return node

    def _target(self, folder: str, link: Node) -> str | None:
        """Where a link in a folder leads; None where that is outside of the repository."""
        written = self._objects.read(link.oid).decode("utf-8", "surrogateescape")
        path = posixpath.normpath(posixpath.join(folder, written))
        if path.startswith(("/", "../")) or path == "..":
            return None
        return "" if path == "." else path


class _Copies:
    """Files of a commit as they are asked for, in a folder of this machine."""

    def __init__(self, tree: CommitTree, folder: Path) -> None:
        self._tree = tree
        self._folder = folder
        self._lock = Lock()
        self._made: set[str] = set()

    def local(self, path: str) -> Path:
        target = self._folder / path
        with self._lock:
            if path not in self._made:
                self._copy(path, target)
                self._made.add(path)
        return target

    def _copy(self, path: str, target: Path) -> None:
        """What is not there is not made: whoever opens it will say so."""
        match self._tree.find(path):
            case Found.FILE:
                self._tree.copy(path, target)
            case Found.FOLDER:
                for entry in walk(self._tree, path, JUNK):
                    if entry.found is Found.FILE:
                        self._tree.copy(entry.path, self._folder / entry.path)
            case Found.NOTHING | Found.OUTSIDE | Found.LINK | Found.SUBMODULE:
                pass
