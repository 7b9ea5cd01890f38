"""Repositories with a few files, made by the git program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.source.commit import CommitTree
from reconciler.source.revision import Repository

WHO = {
    f"GIT_{role}_{field}": value
    for role in ("AUTHOR", "COMMITTER")
    for field, value in (("NAME", "somebody"), ("EMAIL", "somebody@example.com"))
}
WHEN = {f"GIT_{role}_DATE": "2024-05-01T12:00:00Z" for role in ("AUTHOR", "COMMITTER")}
ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.defpath}


@dataclass(frozen=True)
class Clone:
    """A repository with a working tree."""

    folder: Path

    @classmethod
    def new(cls, folder: Path) -> Clone:
        folder.mkdir(parents=True, exist_ok=True)
        clone = cls(folder)
        clone.git("init", "--quiet", "--initial-branch=main")
        return clone

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words],
            cwd=self.folder,
            env={**ALONE, **WHO, **WHEN},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str | bytes] | None = None) -> str:
        """Commit everything, with these files; returns the hash."""
        for path, text in (files or {}).items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode() if isinstance(text, str) else text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=a change")
        return self.git("rev-parse", "HEAD")

    def copied(self, folder: Path, *options: str) -> Clone:
        """A clone of this one."""
        self.git("clone", "--quiet", *options, f"file://{self.folder}", str(folder))
        return Clone(folder)

    def tree(self, revision: str = "HEAD") -> CommitTree:
        return Repository(self.folder).read(revision).tree
