"""The state folder: its files, who owns it, and its port."""

from __future__ import annotations

import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from reconciler.emulator.files import make_private_folder, write_private


class FolderInUseError(Exception):
    """Another emulator serves this folder; its connection.json says how to join it."""


@dataclass(frozen=True)
class Folder:
    path: Path

    @property
    def database(self) -> Path:
        return self.path / "state.sqlite3"

    @property
    def blobs(self) -> Path:
        return self.path / "blobs"

    @property
    def identity(self) -> Path:
        return self.path / "identity.json"

    @property
    def certificates(self) -> Path:
        return self.path / "certificates"

    @property
    def cloud_metadata(self) -> Path:
        return self.path / "clouds.json"

    @property
    def connection(self) -> Path:
        return self.path / "connection.json"

    @contextmanager
    def owned(self) -> Iterator[Folder]:
        """Make the folder and hold its lock; the system lets go of it even after a crash."""
        make_private_folder(self.path)
        self.blobs.mkdir(exist_ok=True)
        with (self.path / "lock").open("w", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise FolderInUseError(
                    f"an emulator already serves {self.path}; join it by {self.connection}"
                ) from error
            self.connection.unlink(missing_ok=True)
            yield self

    def bind(self, host: str, port: int = 0) -> socket.socket:
        """Take `port`, else on the folder's own, else (another program has) on a new one."""
        if port:
            return self._keep(_bound(host, port))
        with suppress(OSError, ValueError):
            return _bound(host, int(self._port.read_text("utf-8")))
        return self._keep(_bound(host, 0))

    @property
    def _port(self) -> Path:
        return self.path / "port"

    def _keep(self, listener: socket.socket) -> socket.socket:
        write_private(self._port, str(listener.getsockname()[1]).encode())
        return listener


def _bound(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener
