"""Image builds: ordered, running by the clock, and at the end a real image in the registry."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from typing import Any

from reconciler.emulator import oci
from reconciler.emulator.context import Context
from reconciler.emulator.oci.reference import Reference, parsed
from reconciler.emulator.workspace import rules, storage
from reconciler.emulator.workspace.arm import provision_registry

_WAITING = 0.1  # the share of a build's time in which it has not started


class Purpose(Enum):
    """What is built, in the words of an operation's `operationType`."""

    IMAGE = "Image"
    PACKAGE = "PackageDockerImage"
    BUILD_CONTEXT = "PackageDockerBuildContext"
    ENVIRONMENT = "Environment"


class State(Enum):
    NOT_STARTED = "NotStarted"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"

    @property
    def is_final(self) -> bool:
        return self in (State.SUCCEEDED, State.FAILED)


Part = tuple[str, str]  # a file's name in the image, and the blob that it comes from


@dataclass(frozen=True)
class Order:
    """`subject` is what people call it; `recipe` is the text in which trouble is looked for."""

    purpose: Purpose
    subject: str
    reference: str
    parts: Sequence[Part]
    recipe: str


@dataclass(frozen=True)
class Build:
    id: str
    purpose: Purpose
    subject: str
    reference: str
    parts: tuple[Part, ...]
    trouble: str
    created: datetime
    starts: datetime
    ends: datetime
    state: State
    error: dict[str, Any] | None

    @property
    def log(self) -> str:
        """The blob that holds the build's log."""
        return f"ImageLogs/{self.id}/build.log"


def place(context: Context, order: Order) -> Build:
    """Start a build. The registry is made with the first one."""
    provision_registry(context)
    seconds, trouble = rules.applied(context, order.subject, order.recipe)
    created = context.clock.now().timestamp()
    with context.store.transaction() as db:
        build = db.execute(
            "INSERT INTO build (id, kind, subject, reference, parts, trouble, created, starts,"
            " ends, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            (
                uuid.uuid4().hex,
                order.purpose.value,
                order.subject,
                order.reference,
                json.dumps(order.parts),
                trouble,
                created,
                created + seconds * _WAITING,
                created + seconds,
                State.NOT_STARTED.value,
            ),
        ).fetchone()
    placed = _build(build)
    _log(context, placed, [f"Waiting for a machine to build {order.subject}"])
    return placed


def find(context: Context, identifier: str) -> Build | None:
    """The build as of now."""
    settle(context)
    with context.store.transaction() as db:
        row = db.execute("SELECT * FROM build WHERE id = ?", (identifier,)).fetchone()
    return None if row is None else _build(row)


def every(context: Context) -> list[Build]:
    settle(context)
    with context.store.transaction() as db:
        return [_build(row) for row in db.execute("SELECT * FROM build ORDER BY sequence")]


def settle(context: Context) -> None:
    """Move every build to where it is by the clock; nothing happens to those that are done."""
    now = context.clock.now()
    for build in _open(context):
        if build.ends <= now:
            _finish(context, build)
        elif build.starts <= now and build.state is State.NOT_STARTED:
            _log(context, build, [f"Building {build.subject}", "Step 1/3 : FROM base"])
            _move(context, build, State.RUNNING)


def log_url(context: Context, build: Build) -> str:
    return storage.url(context, build.log)


def _open(context: Context) -> list[Build]:
    with context.store.transaction() as db:
        rows = db.execute("SELECT * FROM build WHERE state IN ('NotStarted', 'Running')")
        return [_build(row) for row in rows]


def _finish(context: Context, build: Build) -> None:
    missing = [path for _, path in build.parts if storage.find(context, path) is None]
    trouble = build.trouble or ", ".join(f"cannot download {path}" for path in missing)
    lines = [f"Building {build.subject}", "Step 1/3 : FROM base", "Step 2/3 : RUN conda env create"]
    if trouble:
        lines += ["Solving environment: failed", trouble, "The command returned a non-zero code: 1"]
        _log(context, build, lines)
        _move(context, build, State.FAILED, _error(build))
        return
    if build.reference:
        digest = oci.push(context, parsed(build.reference), list(_contents(context, build)))
        lines += ["Step 3/3 : COPY . /var/azureml-app", f"{build.reference} digest: {digest}"]
    _log(context, build, [*lines, "Done"])
    _move(context, build, State.SUCCEEDED)


def _contents(context: Context, build: Build) -> Iterable[oci.Part]:
    for name, path in build.parts:
        blob = storage.find(context, path)
        if blob is not None:
            yield oci.Part(name, blob.content)


def _error(build: Build) -> dict[str, Any]:
    """As users saw it: images in azure-docs#25262, environments in azure-cli#23608."""
    if build.purpose is Purpose.IMAGE:
        code, message = "ImageBuildFailed", "Docker image build failed."
    else:
        code, message = "EnvironmentBuildFailed", "Failed building the Environment."
    return {"code": code, "statusCode": 400, "message": message, "details": []}


def _log(context: Context, build: Build, lines: Iterable[str]) -> None:
    storage.write(context, build.log, [f"{line}\n".encode() for line in lines])


def _move(
    context: Context, build: Build, state: State, error: dict[str, Any] | None = None
) -> None:
    with context.store.transaction() as db:
        db.execute(
            "UPDATE build SET state = ?, error = ? WHERE id = ?",
            (state.value, error and json.dumps(error), build.id),
        )


def _build(row: sqlite3.Row) -> Build:
    return Build(
        id=row["id"],
        purpose=Purpose(row["kind"]),
        subject=row["subject"],
        reference=row["reference"],
        parts=tuple((name, path) for name, path in json.loads(row["parts"])),
        trouble=row["trouble"],
        created=_moment(row["created"]),
        starts=_moment(row["starts"]),
        ends=_moment(row["ends"]),
        state=State(row["state"]),
        error=row["error"] and json.loads(row["error"]),
    )


def _moment(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, timezone.utc)


def image_reference(context: Context, name: str, tag: str) -> str:
    reference = Reference(context.identity.registry_login_server, name, tag)
    return f"{reference.host}/{reference.repository}:{reference.selector}"
