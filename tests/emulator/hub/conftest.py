"""The unmodified SDK at the emulator's hub: one emulator for all tests, emptied for each."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest

from reconciler.emulator.clock import ManualClock
from reconciler.emulator.server import Running, running
from reconciler.emulator.settings import Settings
from tests.emulator.client import Client
from tests.emulator.conftest import START
from tests.emulator.hub.fleet import Hub, Sdk


@pytest.fixture(scope="session")
def sdk() -> Sdk:
    """`azure.iot.hub`, whose import warns about its own dependencies."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import azure.iot.hub.models  # noqa: PLC0415 - half a second that only these tests need

        return azure.iot.hub


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    settings = Settings(tick_seconds=0)
    with running(tmp_path_factory.mktemp("hub"), settings, ManualClock(START)) as emulator:
        yield emulator


@pytest.fixture
def emulator(served: Running) -> Running:
    """Starting one takes half a second; emptying it takes none."""
    served.context.clock.set(START)
    served.context.store.reset()
    served.context.faults.clear()
    served.context.requests.clear()
    return served


@pytest.fixture
def hub(sdk: Sdk, emulator: Running, client: Client) -> Hub:
    return Hub(sdk, emulator, client)
