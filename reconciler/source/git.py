"""Which repository a fleet is in, and which commit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from reconciler.model import Commit

if TYPE_CHECKING:
    from git import GitCommandError, Repo

ROOT_FILE = "reconciler.yaml"
DEFAULT_FOLDER = "fleet"
SHA = re.compile(r"[0-9a-f]{40}")
UNRELATED = 1
"""What git answers when both commits are there, and one is no ancestor of the other."""
TRUST = 'in CI: git config --global --add safe.directory "$PWD"'
QUIET = {
    "GIT_ALLOW_PROTOCOL": "none",  # what a partial clone lacks is not fetched behind our back:
    "GIT_NO_LAZY_FETCH": "1",  # the same, for a git that knows this word
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}


class RepositoryError(Exception):
    """Git does not want to look at the repository; the message is its own, or says what it lacks.

    The hint says what may help.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class RevisionError(RepositoryError):
    """There is no such commit."""


def find_fleet(start: Path) -> Path:
    """The fleet's folder: where the nearest reconciler.yaml upward is, else `./fleet`."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / ROOT_FILE).is_file():
            return folder
    return start / DEFAULT_FOLDER


def find_repository(folder: Path) -> Path:
    """The root of the repository that holds a folder; outside any, the folder itself.

    Where git keeps its data is looked for by hand: a checkout without the program still is one.
    """
    folder = folder.resolve()
    return next((up for up in (folder, *folder.parents) if (up / ".git").exists()), folder)


def read_commit(folder: Path) -> Commit:
    """The commit that is checked out, and whether files under `folder` differ from it.

    Raises a RepositoryError where git refuses to look.
    """
    repository = open_repository(folder)
    if repository is None:
        return Commit()
    from git import GitCommandError

    with repository:
        try:
            # Git's own answer comes first: where it refuses, the library sees no commit at all.
            changes = repository.git.status("--porcelain", "--", str(folder.resolve()))
        except GitCommandError as error:
            raise RepositoryError(complaint(error), TRUST) from error
        sha = repository.head.commit.hexsha if repository.head.is_valid() else ""
        return Commit(sha, bool(changes) or not sha, address(repository))


def newer_than(folder: Path, commit: str, others: Iterable[str]) -> tuple[str, ...]:
    """Those of `others` that came after `commit`, sorted.

    So does, for all that is known, one that a complete clone does not hold: a job that was
    slow finds what a later job applied. A shallow clone lacks older ones too, and says nothing.
    """
    candidates = sorted({other for other in others if SHA.fullmatch(other)} - {commit})
    repository = open_repository(folder) if commit and candidates else None
    if repository is None:
        return ()
    with repository:
        return tuple(other for other in candidates if _follows(repository, commit, other))


def newest(folder: Path, commits: Iterable[str]) -> tuple[str, ...]:
    """Those of some commits that no other of them came after: one, where they are in a line.

    More than one, or none, where their order is not known here.
    """
    candidates = sorted(set(commits))
    repository = open_repository(folder) if len(candidates) > 1 else None
    if repository is None:
        return tuple(candidates)
    with repository:
        return tuple(
            commit
            for commit in candidates
            if not any(_follows(repository, commit, o) for o in candidates if o != commit)
        )


def _follows(repository: Repo, commit: str, other: str) -> bool:
    from git import GitCommandError

    try:
        repository.git.merge_base("--is-ancestor", commit, other)
    except GitCommandError as error:
        if error.status == UNRELATED:
            return False
        return str(repository.git.rev_parse("--is-shallow-repository")) == "false"
    return True


def without_credentials(url: str) -> str:
    """The address of a repository that may be shown and stored: no user, no password, no query.

    >>> without_credentials("https://me:token@example.com/fleet.git")
    'https://example.com/fleet.git'
    >>> without_credentials("git@github.com:contoso/fleet.git")
    'github.com:contoso/fleet.git'
    """
    if "://" not in url:  # git's short form for ssh, or a path
        before, at, after = url.partition("@")
        return after if at and "/" not in before else url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def open_repository(folder: Path) -> Repo | None:
    """The repository that holds a folder, where git runs, fetches and writes nothing by itself."""
    # Imported here: it looks for the git program when it is imported.
    try:
        from git import InvalidGitRepositoryError, NoSuchPathError, Repo
    except ImportError:
        return None  # no git program: a checkout without it still is a fleet
    try:
        repository = Repo(find_repository(folder), expand_vars=False)
    except (InvalidGitRepositoryError, NoSuchPathError):
        return None
    repository.git.set_persistent_git_options(c="core.fsmonitor=false")
    repository.git.update_environment(**QUIET)
    return repository


def complaint(error: GitCommandError) -> str:
    """What git itself said, on one line."""
    return " ".join(str(error.stderr).split()).removeprefix("stderr: ").strip("'")


def address(repository: Repo) -> str:
    """Of the remote `origin`, or of the only one."""
    names = sorted(remote.name for remote in repository.remotes)
    name = "origin" if "origin" in names else "".join(names[:1])
    return without_credentials(repository.remote(name).url) if name else ""
