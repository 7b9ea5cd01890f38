"""A revision that somebody names, and the commit that it stands for."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.model import Commit
from reconciler.source.commit import CommitTree
from reconciler.source.git import (
    DEFAULT_FOLDER,
    ROOT_FILE,
    TRUST,
    RepositoryError,
    RevisionError,
    address,
    complaint,
    find_repository,
    open_repository,
)
from reconciler.source.objects import Objects
from reconciler.source.tree import Found, Tree

if TYPE_CHECKING:
    from git import Repo

SHA = re.compile(r"[0-9a-f]{40}")
LINK = "120000 "
"""The mode of a symbolic link."""
UNKNOWN = re.compile(r"needed a single revision|unknown revision|bad revision", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit, and its files."""

    commit: Commit
    tree: CommitTree


class Repository:
    """What can be asked about the commits of a repository."""

    def __init__(self, folder: Path) -> None:
        """The repository that holds a folder; raises a RevisionError where there is none."""
        found = open_repository(folder)
        if found is None:
            hint = "run this in a clone, with git installed"
            raise RevisionError(f"{folder} is in no git repository", hint)
        self._repository = found
        self.objects = Objects(found)
        self.kept = Path(found.common_dir)
        """Where git keeps its data, for all working trees of the repository."""

    def read(self, written: str) -> Revision:
        """The commit that `written` names: a branch, a tag, HEAD~2, a hash."""
        sha = self.resolve(written)
        tree = self.objects.git.rev_parse("--verify", f"{sha}^{{tree}}")
        return Revision(
            Commit(sha, dirty=False, repository=address(self._repository)),
            CommitTree(self.objects, bytes.fromhex(tree)),
        )

    def resolve(self, written: str) -> str:
        """The full hash of a commit."""
        from git import GitCommandError

        asked = f"{written}^{{commit}}"
        try:
            sha = str(self._repository.git.rev_parse("--verify", "--end-of-options", asked))
        except GitCommandError as error:
            said = complaint(error)
            if not UNKNOWN.search(said):
                raise RepositoryError(said, TRUST) from error
            raise self._unknown(written) from error
        if not SHA.fullmatch(sha):
            raise RevisionError(f"{written} is no commit with a SHA-1 name: {sha}")
        return sha

    def changed(self, before: CommitTree, after: CommitTree) -> tuple[str, ...]:
        """Every file that differs, sorted."""
        words = ("-r", "-z", "--name-only", "--no-renames", before.oid.hex(), after.oid.hex())
        listed = str(self.objects.git.diff_tree(*words))
        return tuple(sorted(filter(None, listed.split("\0"))))

    def has_links(self, tree: CommitTree) -> bool:
        listed = str(self.objects.git.ls_tree("-r", "-z", tree.oid.hex()))
        return any(entry.startswith(LINK) for entry in listed.split("\0"))

    @property
    def shallow(self) -> bool:
        return str(self.objects.git.rev_parse("--is-shallow-repository")) == "true"

    def _unknown(self, written: str) -> RevisionError:
        if not _has_commits(self._repository):
            return RevisionError("the repository has no commit yet", "commit the fleet first")
        depth = "--depth=1 " if self.shallow else ""
        where = "this shallow clone" if self.shallow else "this repository"
        return RevisionError(
            f'there is no commit "{written}" in {where}',
            f"see git log --all; to get it from elsewhere: git fetch {depth}origin {written}",
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command looks for a fleet: a repository, and a folder in it."""

    repository: Path
    folder: str
    """POSIX, relative to the repository's root."""
    exact: bool
    """Whether somebody named the folder, so that it is not looked for upwards."""

    @classmethod
    def of(cls, fleet: Path | None, start: Path) -> Place:
        folder = (fleet or start).resolve()
        repository = find_repository(folder)
        below = folder.relative_to(repository).as_posix()
        return cls(repository, "" if below == "." else below, fleet is not None)

    def fleet(self, tree: Tree) -> str:
        """The fleet's folder in a commit, found as `find_fleet` does in the working tree."""
        folder = self.folder
        while not self.exact and tree.find(posixpath.join(folder, ROOT_FILE)) is not Found.FILE:
            if not folder:
                return posixpath.join(self.folder, DEFAULT_FOLDER)
            folder = posixpath.dirname(folder)
        return folder


def _has_commits(repository: Repo) -> bool:
    return bool(repository.head.is_valid() or repository.references)
