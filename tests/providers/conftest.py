"""One emulated cloud for all tests of this folder: each test uses names of its own.

Starting the workspace's worker takes two seconds, which every test would pay otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tests.providers.cloud import Cloud, emulated_cloud

ENVIRON = {"ACR_PASSWORD": "acr-canary-1", "OTHER_PASSWORD": "other-canary-1"}
_numbers = count(1)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with emulated_cloud(tmp_path_factory.mktemp("cloud"), ENVIRON) as cloud:
        yield cloud


@pytest.fixture
def cloud(shared: Cloud) -> Iterator[Cloud]:
    shared.slept.clear()
    shared.said.clear()
    session = shared.session
    kept = session.scribe, session.surroundings, session.allowed
    yield shared
    session.scribe, session.surroundings, session.allowed = kept
    shared.emulator.context.faults.clear()


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"thing-{next(_numbers)}"
