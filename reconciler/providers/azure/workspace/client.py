"""The workspace as the handlers see it: typed calls, repeated where that is safe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

from reconciler.model import Secret
from reconciler.providers.azure.connection import Connection
from reconciler.providers.azure.fault import FaultError
from reconciler.providers.azure.identity import SignIn, Tokens
from reconciler.providers.azure.patience import Patience
from reconciler.providers.azure.registry import Login
from reconciler.providers.azure.tally import READ, WRITE, Tally
from reconciler.providers.azure.values import Entry, entries, entry
from reconciler.providers.azure.workspace.process import WorkerProcess
from reconciler.providers.azure.workspace.protocol import SERVICE, Request, Sent, unheard
from reconciler.providers.port import ProviderError, UnavailableError

Item = Entry
ADMIN = (
    "enable the admin user of the workspace's registry (az acr update --admin-enabled true), or"
    " make a repository-scoped token and put its password into a variable for secretRef: {env}"
)


@dataclass(frozen=True, slots=True)
class Files:
    """What an image is built from, lying ready in one folder."""

    folder: Path
    script: str
    conda: str | None
    """Absolute: it need not lie in `folder`."""
    names: Sequence[str] = ()
    """Further files and folders, relative to `folder`."""


@dataclass(frozen=True, slots=True)
class Build:
    """What an image shall be called and carry."""

    name: str
    models: Sequence[str]
    description: str = ""
    runtime: str = "python"
    tags: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)


READS, WRITES = 5, 60
"""In answers of one request, how long a worker may take: it may send many for one question."""
SHORTEST = 10.0
"""Seconds that a question is given, however little is left of the run."""


class Workspace:
    """Operations on one workspace, in a worker that is started again when it had to be ended."""

    def __init__(
        self, start: Callable[[], WorkerProcess], tokens: Tokens, tally: Tally, patience: Patience
    ) -> None:
        self._start = start
        self._process = start()
        self._tokens = tokens
        self._tally = tally
        self._patience = patience
        self._lock = RLock()
        self._connecting: dict[str, Any] = {}
        self._connected = False

    @property
    def folder(self) -> Path:
        """A private folder, gone with the session."""
        return self._process.folder

    def connect(self, connection: Connection, principal: Mapping[str, str] | None) -> None:
        workspace = connection.workspace
        if workspace is None:
            raise ProviderError(
                "the environment names no workspace", "add `workspace` to the environment"
            )
        self._connecting = {
            "workspace": asdict(workspace),
            "cloud": connection.cloud.name if connection.cloud else None,
            "principal": dict(principal) if principal else None,
            "answer": self._patience.answer,
        }
        self._patience.read(self._connect)

    def models(self, name: str | None = None, prop: tuple[str, str] | None = None) -> list[Item]:
        """All model versions, or those of a name that have a property."""
        return entries(self._read("models", name=name, property=prop))

    def register_model(
        self, path: Path, sent: Callable[[Sent], None] = unheard, **fields: object
    ) -> Item:
        """Upload and register once; see `once` for what is done about a lost answer."""
        return entry(self._write("register model", sent, path=str(path), **fields))

    def update_model(self, model: str, tags: Mapping[str, str], description: str) -> Item:
        return entry(
            self._write("update model", id=model, tags=dict(tags), description=description)
        )

    def note_on_model(self, model: str, properties: Mapping[str, str]) -> None:
        self._write("note on model", id=model, properties=dict(properties))

    def delete_model(self, model: str) -> None:
        self._write("delete model", id=model)

    def images(self, name: str | None = None, prop: tuple[str, str] | None = None) -> list[Item]:
        return entries(self._read("images", name=name, property=prop))

    def image(self, image: str) -> Item:
        return entry(self._read("image", id=image))

    def create_image(self, build: Build, files: Files) -> Item:
        """Start a build; gives the image as it is then."""
        return entry(
            self._write(
                "create image",
                **_described(build, files),
                files=list(files.names),
                runtime=build.runtime,
                tags=dict(build.tags),
                properties=dict(build.properties),
            )
        )

    def tag_image(self, image: str, tags: Mapping[str, str]) -> Item:
        return entry(self._write("tag image", id=image, tags=dict(tags)))

    def delete_image(self, image: str) -> None:
        self._write("delete image", id=image)

    def build_log(self, uri: str) -> str:
        """The end of a log; empty where there is none."""
        return str(self._read("build log", uri=uri)) if uri else ""

    def create_package(self, build: Build, files: Files, label: str) -> str:
        """Start a build of `<name>:<label>`; gives its operation."""
        return str(self._write("create package", **_described(build, files), label=label))

    def operation(self, operation: str) -> Item:
        return entry(self._read("operation", id=operation))

    def login_server(self) -> str:
        """Of the workspace's registry; empty while it has none."""
        return str(self._read("login server"))

    def registry_login(self) -> Login:
        """The admin user of the workspace's registry."""
        found = entry(self._read("registry login"))
        if not found:
            raise UnavailableError("the registry of the workspace gives no password", ADMIN)
        return Login(found["username"], Secret(found["password"]))

    def close(self) -> None:
        self._process.close()

    def _read(self, operation: str, **arguments: object) -> object:
        return self._patience.read(lambda: self._ask(operation, arguments, READS))

    def _write(
        self, operation: str, sent: Callable[[Sent], None] = unheard, **arguments: object
    ) -> object:
        return self._patience.write(lambda: self._ask(operation, arguments, WRITES, sent))

    def _ask(
        self,
        operation: str,
        arguments: dict[str, Any],
        answers: int,
        sent: Callable[[Sent], None] = unheard,
    ) -> object:
        with self._lock:
            if not self._connected:
                self._connect()
            return self._exchange(operation, arguments, answers, sent)

    def _connect(self) -> None:
        """Also again: after a worker had to be ended, or its token was refused."""
        if self._process.ended:
            self._process.close()
            self._process = self._start()
        self._exchange("connect", self._connecting, WRITES, unheard)
        self._connected = True

    def _exchange(
        self,
        operation: str,
        arguments: dict[str, Any],
        answers: int,
        sent: Callable[[Sent], None],
    ) -> object:
        """One request to the worker, within the time that it and the run may take."""
        request = Request(operation, arguments, self._tokens.token())
        longest = min(answers * self._patience.answer, max(self._patience.left, SHORTEST))
        try:
            answer = self._process.ask(request, longest, sent)
        except FaultError:
            self._connected = False
            raise
        self._tally.add(SERVICE, READ, answer.reads)
        self._tally.add(SERVICE, WRITE, answer.writes)
        if answer.fault:
            if answer.fault.unauthorized:
                self._tokens.forget()
                self._connected = False
            raise FaultError(answer.fault)
        return answer.result


def _described(build: Build, files: Files) -> dict[str, Any]:
    return {
        "name": build.name,
        "models": list(build.models),
        "description": build.description,
        "folder": str(files.folder),
        "script": files.script,
        "conda": files.conda,
    }


def opened(
    connection: Connection,
    start: Callable[[], WorkerProcess],
    signing: SignIn,
    patience: Patience,
    tally: Tally,
) -> Workspace:
    """Start a worker and connect it."""
    workspace = Workspace(start, signing.tokens, tally, patience)
    try:
        workspace.connect(connection, signing.principal)
    except BaseException:
        workspace.close()
        raise
    return workspace
