"""The command line in this process, an emulated cloud in a thread, and one clock for both.

Only waiting is simulated: our back-off moves the clock of both sides at once. Requests, time-outs
and the worker that holds the Azure ML SDK are real; `quick_worker` says how it is hurried.
"""

from __future__ import annotations

import io
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import (
    AbstractContextManager,
    closing,
    contextmanager,
    redirect_stderr,
    redirect_stdout,
)
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from reconciler import registry
from reconciler.app import Cloud, Fleet, Given
from reconciler.cli import main
from reconciler.cli.clock import Clock
from reconciler.cli.settings import Settings as CommandLine
from reconciler.emulator.clock import ManualClock
from reconciler.emulator.server import Running, running
from reconciler.emulator.settings import Settings
from reconciler.providers.azure.connection import Connection
from reconciler.providers.azure.workspace.process import WorkerProcess
from tests.emulator.client import Client

ANSWER = 1.5
"""Seconds that a service has for an answer, instead of sixty."""
WORKER = "tests.prove.quick_worker"
START = datetime(2026, 1, 1, 12, 0, tzinfo=timezone.utc)
AUTHOR = ("-c", "user.name=prover", "-c", "user.email=prover@example.com")


class KeptWorker(WorkerProcess):
    """A worker that outlives its session: starting one takes two seconds."""

    def close(self) -> None:
        """Nothing: the next session goes on with it."""

    def end(self) -> None:
        super().close()


@dataclass(slots=True)
class Workers:
    """Hands out one worker again and again, until it dies."""

    kept: KeptWorker | None = None

    def start(self, environ: Mapping[str, str], connection: Connection) -> WorkerProcess:
        if self.kept is None or self.kept.ended:
            self.end()
            self.kept = KeptWorker(environ, connection, WORKER)
        return self.kept

    def end(self) -> None:
        if self.kept is not None:
            self.kept.end()
            self.kept = None


@dataclass(frozen=True, slots=True)
class Ran:
    """What one command did."""

    code: int
    output: str
    """Both streams."""
    seconds: float
    """Really."""
    waited: float
    """On the clock of the cloud."""


@dataclass(slots=True)
class Rig:
    """A repository with a fleet, and the cloud that it is for."""

    root: Path
    emulator: Running
    clock: ManualClock
    client: Client
    environ: Mapping[str, str]
    workers: Workers = field(default_factory=Workers)

    @property
    def fleet(self) -> Path:
        return self.root / "fleet"

    @property
    def login_server(self) -> str:
        return self.emulator.context.identity.registry_login_server

    def run(self, *arguments: str) -> Ran:
        """One command, in this process."""
        began, moment = time.monotonic(), self._now()
        with redirect_stdout(io.StringIO()) as output, redirect_stderr(output):
            code = main(arguments, self._settings())
        seconds = time.monotonic() - began
        return Ran(code, output.getvalue(), seconds, self._now() - moment)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *AUTHOR, *arguments], cwd=self.root, check=True)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What the emulated cloud remembers."""
        return self.emulator.context.store.snapshot()[table]

    def keep(self, place: Path) -> None:
        """Copy the state of the cloud to a file."""
        _copy(self._database, place)

    def back(self, place: Path) -> None:
        """Make the cloud what it was, and forget faults and counts."""
        self.emulator.context.faults.clear()
        self.emulator.context.requests.clear()
        _copy(place, self._database)

    @property
    def _database(self) -> Path:
        return self.fleet / ".reconciler/local/state.sqlite3"

    def _now(self) -> float:
        return self.clock.now().timestamp()

    def _settings(self) -> CommandLine:
        return CommandLine(
            environ=self.environ,
            folder=self.root,
            color=False,
            terminal=False,
            github_output=None,
            clock=Clock(self._now, self._now, self.clock.advance),
            connect=self._connect,
        )

    def _connect(self, fleet: Fleet, given: Given) -> AbstractContextManager[Cloud]:
        quick = replace(given, answer_seconds=ANSWER, worker=self.workers.start)
        return registry.azure(fleet.settings, fleet.scope, fleet.commit.sha, quick)


@contextmanager
def rig(folder: Path, environ: Mapping[str, str]) -> Iterator[Rig]:
    """An empty repository beside an empty cloud."""
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    clock = ManualClock(START)
    state = folder / "fleet/.reconciler/local"
    with running(state, Settings(tick_seconds=0, build_seconds=1), clock) as emulator:
        (state / ".gitignore").write_text("*\n", encoding="utf-8")
        with closing(Client(emulator.connection)) as client:
            made = Rig(folder, emulator, clock, client, {"PATH": "/usr/bin:/bin", **environ})
            try:
                yield made
            finally:
                made.workers.end()


def _copy(source: Path, target: Path) -> None:
    """As SQLite copies a database that others have open."""
    with closing(sqlite3.connect(source)) as ours, closing(sqlite3.connect(target)) as theirs:
        ours.backup(theirs)
