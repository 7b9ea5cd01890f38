"""What the worker has read of the files that the SDK uploads, told while it does so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import IO

from azureml._restclient import artifacts_client

from reconciler.providers.azure.workspace.protocol import Sent

EVERY = 1.0
"""Seconds between two signs of life."""


@dataclass(slots=True)
class Uploads:
    """Counts over all uploads of one request; several may go on side by side."""

    tell: Callable[[Sent], None]
    now: Callable[[], float]
    every: float = EVERY
    _read: dict[int, int] = field(default_factory=dict)
    """By upload, how far its file was read: an upload that is repeated begins again."""
    _files: int = 0
    _told: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """While a request is carried out, whatever it uploads is counted."""
        self._read, self._files, self._told = {}, 0, self.now()
        whole = artifacts_client.upload_blob_from_stream

        def upload(stream: IO[bytes], *arguments: object, **options: object) -> None:
            with self._lock:
                number = len(self._read)
                self._read[number] = 0
            whole(_Watched(stream, lambda: self._at(number, stream)), *arguments, **options)
            with self._lock:
                self._files += 1

        artifacts_client.upload_blob_from_stream = upload
        try:
            yield
        finally:
            artifacts_client.upload_blob_from_stream = whole

    def _at(self, number: int, stream: IO[bytes]) -> None:
        with self._lock:
            self._read[number] = max(self._read[number], stream.tell())
            now = self.now()
            if now - self._told >= self.every:
                self._told = now
                self.tell(Sent(sum(self._read.values()), self._files))


@dataclass(frozen=True)
class _Watched:
    """A file whose reader is watched; in everything else it is the file."""

    stream: IO[bytes]
    after_read: Callable[[], None]

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self.after_read()
        return data

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)
