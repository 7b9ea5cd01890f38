"""What stands in a commit in the place of a file that Git LFS keeps.

The format: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
"""

from __future__ import annotations

import re
from dataclasses import dataclass

POINTER = re.compile(
    r"version https://git-lfs\.github\.com/spec/v1\n"
    r"oid sha256:(?P<sha256>[0-9a-f]{64})\n"
    r"size (?P<size>[0-9]{1,15})\n"
)


@dataclass(frozen=True, slots=True)
class Pointer:
    """Git LFS names a file by the SHA-256 of its bytes, which is all that a digest needs."""

    sha256: str
    size: int


def read_pointer(text: str | None) -> Pointer | None:
    """The pointer, if that is what the text is; one with extensions tells nothing of the bytes."""
    found = POINTER.fullmatch(text or "")
    return Pointer(found["sha256"], int(found["size"])) if found else None
