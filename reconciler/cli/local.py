"""The local cloud as a child process: joined if it runs, else started and stopped again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

from reconciler.cli.exits import Exit, Stop

FOLDER = Path(".reconciler/local")
PATIENCE = 30.0
"""Seconds until an emulator that does not listen is given up."""
STEP = 0.05

HANDED_ON = frozenset(
    {"HOME", "LANG", "LC_ALL", "PATH", "PYTHONHOME", "PYTHONPATH", "TMPDIR", "TZ", "VIRTUAL_ENV"}
)
"""Variables that the emulator gets: secrets stand among the others, and it needs none."""

Found: TypeAlias = Mapping[str, Any]
"""The content of `connection.json`."""


@contextmanager
def running(state: Path, devices: Path | None, environ: Mapping[str, str]) -> Iterator[Found]:
    """The connection to the emulator of a state folder, which runs for as long as this does."""
    if found := _joined(state):
        yield found
        return
    state.mkdir(parents=True, exist_ok=True)
    log = state / "emulator.log"
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603 - our own module, with our own arguments
            _command(state, devices),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={name: value for name, value in environ.items() if name in HANDED_ON},
            start_new_session=True,  # an interrupt at the terminal is for us: we stop the child
        )
    try:
        yield _listening(state, child, log)
    finally:
        child.terminate()
        child.wait()


def _command(state: Path, devices: Path | None) -> list[str]:
    seed = ["--devices", str(devices)] if devices else []
    parent = str(os.getpid())
    program = [sys.executable, "-m", "reconciler", "emulate", "--state", str(state)]
    return [*program, "--parent-pid", parent, *seed]


def _joined(state: Path) -> Found | None:
    """What a running emulator wrote; a file whose process is gone says nothing."""
    with suppress(OSError, ValueError, KeyError):
        found: Found = json.loads((state / "connection.json").read_text(encoding="utf-8"))
        os.kill(int(found["pid"]), 0)
        return found
    return None


def _listening(state: Path, child: subprocess.Popen[bytes], log: Path) -> Found:
    for _ in range(round(PATIENCE / STEP)):
        if found := _joined(state):
            return found
        if child.poll() is not None:
            break
        time.sleep(STEP)
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
    reason = "\n  ".join(["the local cloud did not start", *said])
    raise Stop(Exit.ERROR, reason, f"see {log}; removing {state} starts it from nothing")
