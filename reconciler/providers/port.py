"""The only door between the pure core and a cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from reconciler.diff import Action, Change
from reconciler.edge.condition import Field
from reconciler.edge.reported import AgentTwin
from reconciler.edge.twin import Twin
from reconciler.model import (
    ActualState,
    Diagnostic,
    Observed,
    Resolved,
    Resource,
    ResourceId,
    Secret,
)


class ProviderError(Exception):
    """The cloud said no.

    The message is fit to show to a person: what we were doing, the service's own text and, where
    the service gives one, its request id.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy
        """What a person can do about it; empty if nothing better than to try again is known."""


class DeniedError(ProviderError):
    """Authentication or authorisation failed (401, 403)."""


class ConflictError(ProviderError):
    """The resource is no longer the one the plan was made from."""

    def __init__(self, message: str, remedy: str = "plan again") -> None:
        super().__init__(message, remedy)


class UnavailableError(ProviderError):
    """A secret or a reference could not be resolved: nothing was written."""


class PartialError(ProviderError):
    """Some of it was done, and running again goes on from there."""


class IncompleteError(ProviderError):
    """Some of the devices could be read, and not all."""

    def __init__(self, message: str, found: Iterable[Twin], remedy: str) -> None:
        super().__init__(message, remedy)
        self.found = tuple(found)


class LockedError(ProviderError):
    """Somebody else holds the lease, and shows signs of life."""

    def __init__(self, record: Mapping[str, str]) -> None:
        said = ", ".join(f"{key} {value}" for key, value in sorted(record.items()) if key != "beat")
        super().__init__(
            f"another run is applying: {said or 'it took the lease just now'}",
            "wait for it; if it is gone for certain, run: reconciler unlock "
            + record.get("run", "RUN"),
        )
        self.record = record


@dataclass(frozen=True, slots=True)
class Held:
    """What stands in the lease's place: empty where nobody holds it."""

    record: Mapping[str, str]
    version: str
    """Must still match when it is written."""


class LeaseStore(Protocol):
    """Where the lease of one environment is kept, with one truth for all runs."""

    def read(self) -> Held: ...

    def write(self, record: Mapping[str, str] | None, version: str) -> Held:
        """Put a record there, or none; raises `ConflictError` if `version` no longer stands."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """A sign of life from long work, for people only."""

    subject: ResourceId
    activity: str
    """In the present: `building (log: ...)`, `uploading`."""
    done: int = 0
    total: int = 0
    """Same unit as `done`; 0 where it is not known."""
    seconds: float = 0.0
    """How long this has been going on; 0 where it is not told."""


Notify: TypeAlias = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one handler found in one read."""

    items: tuple[Observed, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


class Handler(Protocol):
    """Reads and writes one kind of resource through one backend.

    `wanted` are the resources of this kind that git asks for, not yet linked (their ids have no
    generation); a handler reads what is there in as few calls as it can, foreign objects too.
    `resolved` holds what the references of `want` became: as read when the plan was made, or as
    returned by the write of this run.
    """

    def observe(self, wanted: Sequence[Resource]) -> Reading: ...

    def create(self, want: Resource, resolved: Resolved) -> Observed: ...

    def update(self, have: Observed, want: Resource, resolved: Resolved) -> Observed: ...

    def delete(self, have: Observed) -> None: ...


class Devices(Protocol):
    """Which devices there are, with what they hold at some fields and nothing else.

    Raises `IncompleteError` with those that were read, where others may be missing.
    """

    def __call__(self, fields: Sequence[Field], only: str = "") -> Iterable[Twin]:
        """All devices with IoT Edge; with `only`, that one as it is right now, if it is there."""
        ...


class Agents(Protocol):
    """What the agents of all devices report."""

    def __call__(self, modules: Sequence[str]) -> Iterable[AgentTwin]:
        """Of every device, with what it says of these modules at least."""
        ...

    def elsewhere(self, deployments: Sequence[str]) -> frozenset[tuple[str, str]]:
        """Device and deployment, for those that are applied in the twin of a module."""
        ...


@dataclass(frozen=True, slots=True)
class DeviceLogin:
    """How a device proves who it is to its hub."""

    host: str
    kind: str
    """`sas`, `x509Thumbprint` or `x509CA`."""
    connection_string: Secret | None = None
    """None where a certificate takes its place."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A named backend: one handler per kind it can manage."""

    name: str
    handlers: Mapping[str, Handler]
    requests: Callable[[], int] = lambda: 0
    """How many requests were sent so far."""
    reading: Callable[[], AbstractContextManager[None]] = nullcontext
    """Around one read of everything, so that its parts can share what they are told."""
    leases: LeaseStore | None = None
    """None where nobody else could write at the same time."""
    devices: Devices | None = None
    """None where it cannot be known which devices there are."""
    agents: Agents | None = None
    """None where devices report nothing."""

    logins: Callable[[str], DeviceLogin | None] | None = None
    """By the id of a device, what it signs in with: only where a person asks for it."""

    def read(self, drafts: Iterable[Resource]) -> ActualState:
        by_kind: dict[str, list[Resource]] = {kind: [] for kind in self.handlers}
        for draft in drafts:
            by_kind[draft.id.kind].append(draft)
        with self.reading():
            readings = [self.handlers[kind].observe(by_kind[kind]) for kind in sorted(by_kind)]
        items = {item.id: item for reading in readings for item in reading.items}
        said = tuple(d for reading in readings for d in reading.diagnostics)
        return ActualState(self.name, items, said, self.requests())

    def again(self, want: Resource) -> Observed | None:
        """What is there now of one resource that is only referred to."""
        items = self.handlers[want.id.kind].observe([want]).items
        return next((item for item in items if item.id == want.id.lineage), None)

    def apply(self, change: Change, resolved: Resolved) -> Observed | None:
        """Write one change, and return what is there now: nothing after a deletion."""
        handler = self.handlers[change.id.kind]
        match change:
            case Change(action=Action.CREATE, after=Resource() as want):
                return handler.create(want, resolved)
            case Change(action=Action.UPDATE, before=Observed() as have, after=Resource() as want):
                return handler.update(have, want, resolved)
            case Change(action=Action.DELETE, before=Observed() as have):
                handler.delete(have)
                return None
            case _:
                raise AssertionError(f"nothing to apply for {change.id} ({change.action.value})")
