"""Bytes by their digest: files that uploads and image layers share, outside the database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

CHUNK = 1 << 20


@dataclass(frozen=True)
class Content:
    """`sha256` in hex, `size` in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Contents:
    """A folder of files, each named by the SHA-256 of what it holds."""

    folder: Path

    def put(self, chunks: Iterable[bytes]) -> Content:
        digest, size = hashlib.sha256(), 0
        with NamedTemporaryFile(dir=self.folder, delete=False) as stream:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                stream.write(chunk)
        path = self.path(digest.hexdigest())
        path.parent.mkdir(exist_ok=True)
        Path(stream.name).replace(path)
        return Content(digest.hexdigest(), size)

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def chunks(self, sha256: str) -> Iterator[bytes]:
        with self.path(sha256).open("rb") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk

    def read(self, sha256: str, start: int = 0, size: int = -1) -> bytes:
        with self.path(sha256).open("rb") as stream:
            stream.seek(start)
            return stream.read(size)
