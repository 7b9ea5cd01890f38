"""What a merge would come to: computed beside the repository, with nothing of it touched."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from reconciler.source.commit import CommitTree
from reconciler.source.git import RepositoryError, RevisionError
from reconciler.source.revision import Repository, Revision

MERGES_TREES = (2, 38)
"""The first git that merges without a working tree: https://git-scm.com/docs/git-merge-tree."""
CONFLICT = 1
"""What git answers when both sides changed the same lines."""


class ConflictingError(RepositoryError):
    """The two cannot be merged before somebody has decided."""

    def __init__(self, message: str, hint: str, files: tuple[str, ...]) -> None:
        super().__init__(message, hint)
        self.files = files


@dataclass(frozen=True, slots=True)
class Merge:
    """The files after `head` was merged into `base`."""

    base: Revision
    head: Revision
    ancestor: str
    """Where the two parted."""
    result: Revision
    """Under the commit of `head`: the merge has none of its own."""
    changed: tuple[str, ...]
    """Every path of the repository that merging changes in `base`, sorted."""


def merge(repository: Repository, base: str, head: str) -> Merge:
    """Raises a ConflictingError with the files that stand in the way."""
    ours, theirs = repository.read(base), repository.read(head)
    ancestor = _ancestor(repository, ours, theirs)
    match ancestor:
        case ours.commit.sha:
            tree = theirs.tree
        case theirs.commit.sha:
            tree = ours.tree
        case _:
            tree = CommitTree(repository.objects, _merged(repository, ours, theirs))
    changed = repository.changed(ours.tree, tree)
    return Merge(ours, theirs, ancestor, replace(theirs, tree=tree), changed)


def _ancestor(repository: Repository, ours: Revision, theirs: Revision) -> str:
    from git import GitCommandError

    try:
        return str(repository.objects.git.merge_base(ours.commit.sha, theirs.commit.sha))
    except GitCommandError as error:
        names = f"{ours.commit.sha[:7]} and {theirs.commit.sha[:7]}"
        if repository.shallow:
            hint = "run `git fetch --unshallow origin`, or `git fetch --deepen=100 origin`"
            summary = f"{names} have no ancestor in common in this shallow clone"
            raise RevisionError(summary, hint) from error
        hint = "preview only what can be merged"
        raise RevisionError(f"{names} have no ancestor in common", hint) from error


def _merged(repository: Repository, ours: Revision, theirs: Revision) -> bytes:
    git = repository.objects.git
    if git.version_info[:2] < MERGES_TREES:
        version = ".".join(map(str, git.version_info))
        hint = "update git, or merge the base into the branch and preview that"
        raise RepositoryError(f"git {version} cannot compute a merge; 2.38 or newer can", hint)
    words = ("--write-tree", "-z", "--name-only", "--no-messages")
    status, output, said = git.merge_tree(
        *words,
        ours.commit.sha,
        theirs.commit.sha,
        with_extended_output=True,
        with_exceptions=False,
    )
    oid, *files = str(output).split("\0")
    if status == CONFLICT:
        raise _conflict(ours, theirs, tuple(sorted(set(filter(None, files)))))
    if status or not re.fullmatch(r"[0-9a-f]{40}", oid):
        raise repository.objects.failed(str(said))
    return bytes.fromhex(oid)


def _conflict(ours: Revision, theirs: Revision, files: tuple[str, ...]) -> ConflictingError:
    # A name may hold line breaks, and must not pass for a line of ours.
    listed = "".join(f"\n  {file if file.isprintable() else ascii(file)}" for file in files)
    return ConflictingError(
        f"{theirs.commit.sha[:7]} cannot be merged into {ours.commit.sha[:7]}: "
        f"both changed the same lines of{listed}",
        "merge the base into the branch, and resolve what git cannot",
        files,
    )
