"""An emulator per test, in this process, with a clock that stands still.

`emulator` gives `.connection` (what connection.json holds), `.context` (store, clock, settings)
and is reached over TLS; `control` is a client for `/_emulator/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import pytest

from reconciler.emulator.clock import ManualClock
from reconciler.emulator.server import Running, running
from reconciler.emulator.settings import Settings
from tests.emulator.client import Client

START = datetime(2026, 1, 1, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def settings() -> Settings:
    """A test module that needs others overrides this fixture."""
    return Settings(tick_seconds=0, build_seconds=60)


@pytest.fixture
def emulator(tmp_path: Path, settings: Settings) -> Iterator[Running]:
    with running(tmp_path / "state", settings, ManualClock(START)) as emulator:
        yield emulator


@pytest.fixture
def client(emulator: Running) -> Iterator[Client]:
    with closing(Client(emulator.connection)) as client:
        yield client
