"""An emulator in this process, empty at the start of each test, with a clock that stands still.

`emulator` gives `.connection` (what connection.json holds), `.context` (store, clock, settings)
and is reached over TLS; `control` is a client for `/_emulator/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime, timezone
from functools import cache

import pytest

from reconciler.emulator.clock import ManualClock
from reconciler.emulator.control import reset
from reconciler.emulator.server import Running, running
from reconciler.emulator.settings import Settings
from tests.emulator.client import Client

START = datetime(2026, 1, 1, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def settings() -> Settings:
    """A test module that needs others overrides this fixture."""
    return Settings(tick_seconds=0, build_seconds=60)


@pytest.fixture(scope="session")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Settings], Running]]:
    """One emulator for each settings, started when the first test asks for it."""
    with ExitStack() as stack:

        @cache
        def started(settings: Settings) -> Running:
            state = tmp_path_factory.mktemp("emulator")
            return stack.enter_context(running(state, settings, ManualClock(START)))

        yield started


@pytest.fixture
def emulator(emulators: Callable[[Settings], Running], settings: Settings) -> Iterator[Running]:
    emulator = emulators(settings)
    emulator.context.clock.set(START)
    reset(emulator.context)
    yield emulator
    assert emulator.context.requests.summary()["crashes"] == []


@pytest.fixture
def client(emulator: Running) -> Iterator[Client]:
    with closing(Client(emulator.connection)) as client:
        yield client
