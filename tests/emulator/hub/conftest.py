"""The unmodified SDK at the emulator's hub."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from reconciler.emulator.server import Running
from tests.emulator.client import Client
from tests.emulator.hub.fleet import Hub


@pytest.fixture(scope="session")
def sdk() -> Any:  # noqa: ANN401 - the SDK has no types
    """`azure.iot.hub`, whose import warns about its own dependencies."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import azure.iot.hub.models  # noqa: PLC0415 - half a second that only these tests need

        return azure.iot.hub


@pytest.fixture
def hub(sdk: Any, emulator: Running, client: Client) -> Hub:  # noqa: ANN401 - the SDK has no types
    return Hub(sdk, emulator, client)
