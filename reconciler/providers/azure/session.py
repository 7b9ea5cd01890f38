"""What one run shares: the clients, the mark, the clock. Nothing is opened before it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING

from reconciler.model import Resource, Secret
from reconciler.providers.azure.configurations import Configurations
from reconciler.providers.azure.connection import Connection
from reconciler.providers.azure.hub import Hub
from reconciler.providers.azure.identity import sign_in
from reconciler.providers.azure.limiter import Limiter
from reconciler.providers.azure.marks import Scribe
from reconciler.providers.azure.registry import Login, Registry
from reconciler.providers.azure.surroundings import Allowed, Surroundings
from reconciler.providers.azure.tally import Tally
from reconciler.providers.azure.workspace.process import WorkerProcess
from reconciler.providers.port import UnavailableError

if TYPE_CHECKING:
    from reconciler.providers.azure.workspace.client import Item, Workspace


@dataclass(slots=True)
class AzureSession:
    """Must be closed, or its worker goes on until this process ends."""

    connection: Connection
    scribe: Scribe
    surroundings: Surroundings
    allowed: Allowed = field(default_factory=Allowed)
    tally: Tally = field(default_factory=Tally)
    _hub: Hub | None = None
    _configurations: Configurations | None = None
    _workspace: Workspace | None = None
    _login_server: str = ""
    _login: Login | None = None
    _models: Sequence[Item] | None = None
    _reading: bool = False
    _lock: RLock = field(default_factory=RLock)

    @property
    def requests(self) -> Mapping[str, Mapping[str, int]]:
        """`{"hub": {"read": 1, "write": 0}, ...}`, so far."""
        return self.tally.counts()

    @property
    def hub(self) -> Hub:
        with self._lock:
            if self._hub is None:
                # Imported here: the SDK takes a third of a second, and not every run needs it.
                from reconciler.providers.azure.hub_sdk import connect  # noqa: PLC0415

                patience = self.surroundings.patience
                for secret in self.connection.hub.secrets():
                    self.surroundings.learn(secret)
                sdk = connect(self.connection.hub, self.connection.ca, patience.answer)
                limiter = Limiter(patience, self.surroundings.units)
                self._hub = Hub(sdk, patience, self.tally, limiter)
            return self._hub

    @property
    def configurations(self) -> Configurations:
        with self._lock:
            if self._configurations is None:
                self._configurations = Configurations(self.hub)
            return self._configurations

    @property
    def workspace(self) -> Workspace:
        """Started and connected with the first use, and then kept."""
        with self._lock:
            if self._workspace is None:
                from reconciler.providers.azure.workspace.client import opened  # noqa: PLC0415

                given = self.surroundings
                start = partial(given.worker or WorkerProcess, given.environ, self.connection)
                cloud = self.connection.cloud
                signing = sign_in(
                    cloud.token if cloud else None, given.environ, given.patience.now, given.learn
                )
                self._workspace = opened(
                    self.connection, start, signing, given.patience, self.tally
                )
            return self._workspace

    @property
    def registry(self) -> Registry:
        return Registry(
            self.surroundings.patience,
            self.tally,
            self.connection.ca,
            self.connection.registries,
        )

    def secret(self, name: str) -> Secret:
        """An environment variable that the environment allows documents to name."""
        if not any(fnmatchcase(name, pattern) for pattern in self.allowed.secrets):
            raise UnavailableError(
                f"the variable {name} is not allowed here",
                "add it to secrets.allow of the environment",
            )
        if not (value := self.surroundings.environ.get(name)):
            raise UnavailableError(f"the variable {name} is not set", f"set {name} and run again")
        found = Secret(value)
        self.surroundings.learn(found)
        return found

    def looks_for(self, wanted: Sequence[Resource]) -> bool:
        """Whether a kind that is kept in the workspace is asked for at all: that costs requests."""
        return bool(wanted) or (self.allowed.prune and self.connection.workspace is not None)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While every kind is read in turn, what two of them ask for is asked once."""
        self._reading, self._models = True, None
        try:
            yield
        finally:
            self._reading, self._models = False, None

    def models(self) -> Sequence[Item]:
        """All model versions of the workspace."""
        with self._lock:
            if not self._reading:
                return self.workspace.models()
            if self._models is None:
                self._models = self.workspace.models()
            return self._models

    def close(self) -> None:
        with self._lock:
            if self._workspace is not None:
                self._workspace.close()
                self._workspace = None

    def login_server(self) -> str:
        """Of the workspace's registry; empty until the first image makes the workspace make one."""
        with self._lock:
            if not self._login_server:
                self._login_server = self.workspace.login_server()
            return self._login_server

    def registry_login(self) -> Login:
        """For the workspace's registry; asked once."""
        with self._lock:
            if self._login is None:
                self._login = self.workspace.registry_login()
                self.surroundings.learn(self._login.password)
            return self._login
