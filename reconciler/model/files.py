"""What a document says about files beside it, and what was found in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.model.digest import digest
from reconciler.model.resource import FieldPath, Value

SMALL = 1024
"""Bytes; the text of files up to this size is always handed over (a Git LFS pointer is one)."""

JUNK = frozenset(
    {".DS_Store", ".git", ".ipynb_checkpoints", ".reconciler", "Thumbs.db", "__pycache__"}
)
"""Files and folders that are never part of a folder's content: tools leave them behind."""


@dataclass(frozen=True, slots=True)
class FileUse:
    """A file or folder that a document names: `at` is the field that names it."""

    at: FieldPath
    path: str
    """As written: POSIX, relative to the document's file."""
    text: bool = False
    """Whether the kind needs the whole text (a scoring script), not only the digest."""
    data: bool = False
    """Whether the kind needs what the file says as YAML (a conda file)."""
    optional: bool = False
    """Whether it may be missing (a file that CI writes): its content is then empty."""
    folder: bool = True
    """Whether a folder may stand there, too."""
    largest: int = 1 << 20
    """Bytes of a file whose text or data may be asked for."""


@dataclass(frozen=True, slots=True)
class FileContent:
    """What stands at a path of the repository."""

    path: str
    """POSIX, relative to the repository's root."""
    sha256: str
    """Hex; of the bytes of a file, or of the canonical list of (relative path, sha256) below."""
    size: int
    """Bytes, in all."""
    text: str | None = None
    """UTF-8 text where it was asked for or the file is small; None if it is neither."""
    entries: Mapping[str, FileContent] | None = None
    """For a folder, its files by relative POSIX path; None for a file."""
    data: Value = None
    """What the file says as YAML, where that was asked for."""


def listing_digest(digests: Mapping[str, str]) -> str:
    """The SHA-256 of a folder, in hex, from those of its files by relative POSIX path."""
    listing = tuple((name, digests[name]) for name in sorted(digests))
    return digest(listing).rpartition(":")[2]


Contents: TypeAlias = Mapping[FieldPath, FileContent]
