"""An emulated cloud with a session on it, and a clock that only our waiting moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from reconciler.emulator.clock import ManualClock
from reconciler.emulator.faults import Fault
from reconciler.emulator.server import Running, running
from reconciler.emulator.settings import Settings
from reconciler.kinds.deployment.azure import DeploymentHandler
from reconciler.kinds.device.azure import DeviceHandler
from reconciler.kinds.device_group.azure import DeviceGroupHandler
from reconciler.kinds.image.azure import ImageHandler
from reconciler.kinds.model.azure import ModelHandler
from reconciler.kinds.registry_credential.azure import RegistryCredentialHandler
from reconciler.model import Observed, Resource, Scope
from reconciler.providers.azure.connection import emulated
from reconciler.providers.azure.marks import Scribe
from reconciler.providers.azure.patience import Patience
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.surroundings import Allowed, Surroundings
from reconciler.providers.port import Handler, Progress, Provider, Reading
from tests.emulator.client import Client

START = datetime(2026, 1, 1, 12, 0, tzinfo=timezone.utc)
SCOPE = Scope("contoso-plant-a", "test")
COMMIT = "c" * 40
QUICK = Settings(tick_seconds=0, build_seconds=1)
SYSTEM = {"PATH": "/usr/bin:/bin"}


@dataclass
class Cloud:
    """What a test needs of both sides."""

    emulator: Running
    client: Client
    folder: Path
    """The repository: what documents name lies here."""
    clock: ManualClock
    session: AzureSession
    slept: list[float]
    said: list[Progress]

    @property
    def groups(self) -> DeviceGroupHandler:
        return DeviceGroupHandler(self.session)

    @property
    def devices(self) -> DeviceHandler:
        return DeviceHandler(self.session)

    @property
    def deployments(self) -> DeploymentHandler:
        return DeploymentHandler(self.session)

    @property
    def models(self) -> ModelHandler:
        return ModelHandler(self.session)

    @property
    def images(self) -> ImageHandler:
        return ImageHandler(self.session)

    @property
    def credentials(self) -> RegistryCredentialHandler:
        return RegistryCredentialHandler(self.session)

    @property
    def provider(self) -> Provider:
        handlers: dict[str, Handler] = {
            "Device": self.devices,
            "DeviceGroup": self.groups,
            "Deployment": self.deployments,
            "Model": self.models,
            "Image": self.images,
            "RegistryCredential": self.credentials,
        }
        return Provider("azure", handlers, self.session.tally.total, self.session.reading)

    def fault(self, fault: Fault) -> None:
        """The next call that matches goes wrong."""
        self.emulator.context.faults.add(fault)

    def rules_left(self) -> int:
        return len(self.emulator.context.faults.rules())

    def seed(self, *devices: str, tags: Mapping[str, str] | None = None) -> None:
        found = [{"deviceId": name, "edge": True, "tags": dict(tags or {})} for name in devices]
        self.client.control("POST", "seed", {"devices": found})

    def hub(self, name: str) -> dict[str, Any]:
        """A configuration, as the hub holds it."""
        found = self.session.hub.configuration(name)
        assert found is not None
        return found

    def cost(self) -> Mapping[str, Mapping[str, int]]:
        return self.session.requests

    def sent(self, service: str, kind: str) -> int:
        """How many requests a service was sent so far; 0 when it was asked nothing yet."""
        return self.cost().get(service, {}).get(kind, 0)

    def unknown_calls(self) -> object:
        """What the emulator was asked and does not know."""
        return self.emulator.context.requests.summary()["unknown"]


@contextmanager
def emulated_cloud(
    folder: Path, environ: Mapping[str, str], settings: Settings = QUICK
) -> Iterator[Cloud]:
    clock = ManualClock(START)
    repository = folder / "repository"
    repository.mkdir()
    slept: list[float] = []
    said: list[Progress] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance(seconds)

    with running(folder / "state", settings, clock) as emulator:
        connection = emulated(emulator.connection.json())
        session = AzureSession(
            connection,
            Scribe(SCOPE, COMMIT),
            Surroundings(
                {**SYSTEM, **environ},
                lambda path: repository / path,
                said.append,
                Patience(lambda: clock.now().timestamp(), sleep),
            ),
            Allowed(("ACR_*",), tuple(connection.registries)),
        )
        with closing(session), closing(Client(emulator.connection)) as client:
            yield Cloud(emulator, client, repository, clock, session, slept, said)


def only(reading: Reading, want: Resource) -> Observed:
    """The one item that stands for a resource."""
    found = [item for item in reading.items if item.id == want.id]
    assert len(found) == 1, f"{len(found)} items for {want.id}"
    return found[0]
