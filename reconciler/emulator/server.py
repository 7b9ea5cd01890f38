"""Serving: a state folder becomes a listener on loopback, until it is told to stop."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import uvicorn

from reconciler.emulator import app, certificates, identity, token
from reconciler.emulator.background import Background
from reconciler.emulator.clock import AdjustableClock, OffsetClock, SystemClock
from reconciler.emulator.connection import Connection, write_cloud_metadata
from reconciler.emulator.contents import Contents
from reconciler.emulator.context import Context
from reconciler.emulator.folder import Folder
from reconciler.emulator.settings import Settings
from reconciler.emulator.store import Store

LOOPBACK = "127.0.0.1"
_TOKEN_LIFE = timedelta(days=365)
_START_SECONDS = 30


@dataclass(frozen=True)
class ServeOptions:
    """`port` of 0 keeps the folder's port; `parent_pid` of 0 means to outlive the parent.

    `started` is called once, when the emulator listens and `connection.json` is written.
    """

    state: Path
    port: int = 0
    settings: Settings = field(default_factory=Settings)
    devices: Path | None = None
    parent_pid: int = 0
    started: Callable[[Connection], None] = lambda _connection: None


@dataclass(frozen=True)
class Running:
    """An emulator that serves from a thread of this process."""

    connection: Connection
    context: Context


def serve(options: ServeOptions) -> None:
    """Serve until SIGTERM, SIGINT or the parent's end.

    Raises `FolderInUseError` when another emulator serves the folder.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    with Folder(options.state).owned() as folder, _opened(folder, options, None) as emulator:
        emulator.run()


@contextmanager
def running(
    state: Path, settings: Settings | None = None, clock: AdjustableClock | None = None
) -> Iterator[Running]:
    """Serve from a thread of this process, for tests: `with running(tmp_path) as emulator:`."""
    options = ServeOptions(state, settings=settings or Settings())
    with Folder(state).owned() as folder, _opened(folder, options, clock) as emulator:
        thread = threading.Thread(target=emulator.run, name="emulator", daemon=True)
        thread.start()
        try:
            if not emulator.listening.wait(_START_SECONDS):
                raise RuntimeError("the emulator did not start to listen")
            yield Running(emulator.connection, emulator.context)
        finally:
            emulator.should_exit = True
            thread.join()


class Emulator(uvicorn.Server):
    """uvicorn, the background pass and `connection.json`, with one beginning and one end."""

    def __init__(
        self, folder: Folder, options: ServeOptions, context: Context, listener: socket.socket
    ) -> None:
        files = certificates.kept(folder.certificates, context.client_clock.now())
        config = uvicorn.Config(
            app.build(context),
            http=context.transports.protocol(),
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
            ssl_certfile=files.certificate,
            ssl_keyfile=files.key,
        )
        super().__init__(config)
        self.context = context
        self.listening = threading.Event()
        self._folder = folder
        self._options = options
        self._listener = listener
        self.connection = _connection(folder, files, context)

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Blocks until `should_exit`."""
        background = Background(self.context, app.CONTROLS, self._options.parent_pid, self._leave)
        try:
            with background.running():
                super().run(sockets or [self._listener])
        finally:
            self._folder.connection.unlink(missing_ok=True)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        write_cloud_metadata(self._folder.cloud_metadata, self.context.base_url)
        self.connection.write(self._folder.connection)
        self.listening.set()
        self._options.started(self.connection)

    def _leave(self) -> None:
        self.should_exit = True


@contextmanager
def _opened(
    folder: Folder, options: ServeOptions, clock: AdjustableClock | None
) -> Iterator[Emulator]:
    listener = folder.bind(LOOPBACK, options.port)
    store = Store(folder.database, app.SCHEMAS)
    try:
        context = Context(
            store=store,
            clock=clock or OffsetClock(store),
            identity=identity.kept(folder.identity),
            base_url=f"https://{LOOPBACK}:{listener.getsockname()[1]}",
            contents=Contents(folder.blobs),
            settings=options.settings,
        )
        if options.devices is not None:
            app.seed_file(context, options.devices)
        yield Emulator(folder, options, context, listener)
    finally:
        store.close()
        listener.close()


def _connection(folder: Folder, files: certificates.Certificates, context: Context) -> Connection:
    expires = SystemClock().now() + _TOKEN_LIFE
    return Connection(
        url=context.base_url,
        ca=files.ca.resolve(),
        cloud_metadata=folder.cloud_metadata.resolve(),
        token=token.issue(context.identity, expires),
        pid=os.getpid(),
        identity=context.identity,
    )


def _leave(_number: int, _frame: object) -> None:
    """Before uvicorn listens for signals, and when it repeats one at its end: undo, and go."""
    raise SystemExit(0)
