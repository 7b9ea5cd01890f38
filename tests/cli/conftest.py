"""One emulated cloud for all tests of this folder, and small fleets that are planned against it.

The example fleet is applied to it once; other fleets have owners and names of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.cli.cloud import Cloud, running
from tests.cli.fleets import Workshop
from tests.cli.person import Person
from tests.e2e.checkout import Checkout

STATE = Path(".reconciler/local")
_numbers = count(1)


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """The example fleet; `cloud` holds it all."""
    return Checkout.new(tmp_path_factory.mktemp("example") / "repository")


@pytest.fixture(scope="session")
def started(example: Checkout) -> Iterator[Cloud]:
    example.apply()  # which puts the devices into the hub, too
    with running(example.fleet / STATE) as cloud:
        yield cloud


@pytest.fixture
def cloud(started: Cloud) -> Iterator[Cloud]:
    yield started
    started.forget_faults()


@pytest.fixture
def workshop(cloud: Cloud, tmp_path: Path) -> Workshop:
    """A fleet of one deployment on `cloud`'s hub, by the hub's real interface."""
    workshop = Workshop(tmp_path / "fleet", f"plant-{next(_numbers)}")
    workshop.write(cloud.host)
    return workshop


@pytest.fixture
def person(
    workshop: Workshop,
    cloud: Cloud,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Person:
    """Has all that is needed to reach the hub."""
    # The HTTP library reads these itself.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cloud.ca))
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    return Person(workshop.folder, capsys, {"IOTHUB_CONNECTION_STRING": cloud.connection_string})
