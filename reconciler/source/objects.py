"""The objects of a git repository by their names: read, never written, and nothing of it is run.

Git is asked in a folder of our own, whose objects are borrowed from the repository. So no setting
of the repository takes effect here (filters, hooks, merge drivers, a monitor of the file system, a
remote that is asked for what is missing), and what git makes on its way stays in our folder.
"""

from __future__ import annotations

import os
import re
import shutil
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp
from threading import RLock
from typing import TYPE_CHECKING

from reconciler.source.git import QUIET, RepositoryError
from reconciler.source.tree import BLOCK

if TYPE_CHECKING:
    from git import Repo

SHALLOW = "shallow"
"""The file in which a shallow clone notes where its history ends."""

OID = 20
"""Bytes of an object's name."""
KNOWN = 2
"""What git says of an object that is there: its sort and its size."""
LACKED = "is not in this clone, which holds a part of the repository only"
FETCH = (
    "run `git fetch --refetch --no-filter origin`; in CI, check out without a filter "
    "and not only some folders"
)
LACKING = re.compile(r"unable to read|bad object|missing|not a valid object", re.IGNORECASE)
LARGE = "run `git lfs fetch origin COMMIT`; in CI, check out with `lfs: true`"


class Sort(Enum):
    """What a name in a folder stands for."""

    FILE = 0o10
    FOLDER = 0o04
    LINK = 0o12
    SUBMODULE = 0o16


@dataclass(frozen=True, slots=True)
class Node:
    sort: Sort
    oid: bytes
    """The object's name, in binary."""


class MissingObjectError(RepositoryError):
    """What a commit needs is not in this clone."""


class BrokenObjectError(RepositoryError):
    """An object that git itself would never have made."""


class Objects:
    """May be used from several threads."""

    def __init__(self, repository: Repo) -> None:
        """Borrow the objects of a repository; gives back its folder when nobody holds this."""
        from git import Repo

        common = Path(repository.common_dir).resolve()
        folder = Path(mkdtemp(prefix="reconciler-git-"))
        _furnish(folder, common)
        self._lock = RLock()
        self._ahead: dict[bytes, bytes] = {}
        """What was read before it was asked for."""
        self._borrowed = Repo(folder, expand_vars=False)
        self._borrowed.git.update_environment(**_surroundings(folder, common))
        self.git = self._borrowed.git
        self._downloads = common / "lfs" / "objects"
        weakref.finalize(self, _give_back, self._borrowed, folder)

    def nodes(self, oid: bytes) -> Mapping[str, Node]:
        """What a tree holds, by name."""
        found: dict[str, Node] = {}
        data, at = self.read(oid), 0
        while at < len(data):
            blank, end = data.index(b" ", at), data.index(b"\0", at)
            name = data[blank + 1 : end].decode("utf-8", "surrogateescape")
            if name in {"", ".", ".."} or "/" in name:
                raise BrokenObjectError(f"the tree {oid.hex()} holds the name {name!r}")
            sort = Sort(int(data[at:blank], 8) >> 12)
            at = end + 1 + OID
            found[name] = Node(sort, data[end + 1 : at])
        return found

    def expect(self, oids: Iterable[bytes]) -> None:
        """These will be read, each of them soon: asking git for all at once is much faster.

        What is missing is found to be so when it is read.
        """
        asked = sorted({oid for oid in oids if oid not in self._ahead})
        with TemporaryFile() as names:
            names.write(b"".join(b"%s\n" % oid.hex().encode() for oid in asked))
            names.seek(0)
            output: bytes = self.git.cat_file(
                "--batch", istream=names, stdout_as_string=False, strip_newline_in_stdout=False
            )
        at = 0
        for oid in asked:
            end = output.index(b"\n", at)
            _name, *known = output[at:end].split()
            at = end + 1
            if len(known) == KNOWN:
                size = int(known[1])
                self._ahead[oid] = output[at : at + size]
                at += size + 1

    def read(self, oid: bytes) -> bytes:
        return b"".join(self.blocks(oid))

    def blocks(self, oid: bytes) -> Iterator[bytes]:
        """An object's bytes, a part at a time: it may have gigabytes."""
        with self._lock:
            if (known := self._ahead.pop(oid, None)) is not None:
                yield known
                return
            try:
                stream = self._borrowed.odb.stream(oid)
            except ValueError as error:
                raise MissingObjectError(f"the object {oid.hex()} {LACKED}", FETCH) from error
            while block := stream.read(BLOCK):
                yield block

    def failed(self, said: str) -> RepositoryError:
        """What git could not do, and why: most likely it lacks an object."""
        if LACKING.search(said):
            return MissingObjectError(f"something that is needed {LACKED}", FETCH)
        return RepositoryError(" ".join(said.split()) or "git failed without a word")

    def large(self, sha256: str, path: str) -> Path:
        """The file of these bytes among those that Git LFS has downloaded."""
        file = self._downloads / sha256[:2] / sha256[2:4] / sha256
        if not file.is_file():
            raise MissingObjectError(
                f"{path} is kept by Git LFS, and its bytes are not here", LARGE
            )
        return file


def _furnish(folder: Path, common: Path) -> None:
    """The least that git takes for a repository."""
    for name in ("objects", "refs"):
        (folder / name).mkdir()
    (folder / "HEAD").write_text("ref: refs/heads/none\n", encoding="utf-8")
    (folder / "config").write_text("[core]\n\tbare = true\n", encoding="utf-8")
    if (common / SHALLOW).is_file():
        shutil.copyfile(common / SHALLOW, folder / SHALLOW)


def _surroundings(folder: Path, common: Path) -> Mapping[str, str]:
    """Variables that would lead git elsewhere are overruled, those of a calling hook too."""
    # Quoted, for a colon in it would part two folders.
    borrowed = os.fspath(common / "objects").replace("\\", "\\\\").replace('"', '\\"')
    return {
        **QUIET,
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{borrowed}"',
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_COMMON_DIR": os.fspath(folder),
        "GIT_CONFIG_COUNT": "0",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_PARAMETERS": "",
        "GIT_DIR": os.fspath(folder),
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OBJECT_DIRECTORY": os.fspath(folder / "objects"),
    }


def _give_back(borrowed: Repo, folder: Path) -> None:
    borrowed.close()
    shutil.rmtree(folder, ignore_errors=True)
