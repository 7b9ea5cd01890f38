"""Resources as plain, immutable, comparable data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from reconciler.model.secret import Secret

Value: TypeAlias = "bool | int | float | str | tuple[Value, ...] | Mapping[str, Value] | None"
Spec: TypeAlias = Mapping[str, Value]
FieldPath: TypeAlias = tuple[str, ...]

TAMPERED = "tampered:"
"""How a generation begins whose live content is not what was once written."""


@dataclass(frozen=True, slots=True, order=True)
class ResourceId:
    """The name of one resource, the same on both sides of a diff.

    A kind whose content cannot change in place gives each content its own generation, so that a
    change is a creation and a deletion, both visible, even after an interrupted run.
    """

    kind: str
    name: str
    generation: str = ""
    """A full versioned digest, `v1:<64 hex digits>`; empty for kinds without generations."""

    @property
    def lineage(self) -> ResourceId:
        """What all generations of one thing have in common."""
        return ResourceId(self.kind, self.name)

    @property
    def tampered(self) -> bool:
        """Whether somebody changed by hand what cannot change."""
        return self.generation.startswith(TAMPERED)

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


Refs: TypeAlias = Mapping[FieldPath, ResourceId]


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Where in the git tree something was written; line and column count from 1."""

    path: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" + (f":{self.column}" if self.column > 1 else "")


@dataclass(frozen=True, slots=True)
class Resource:
    """What somebody asked for; `link` fills in its generation and its references."""

    id: ResourceId
    spec: Spec
    refs: Refs = field(default_factory=dict)
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """The ownership mark that every object we write carries, as labels or properties."""

    owner: str
    environment: str
    name: str
    digest: str
    commit: str = ""


class State(Enum):
    """Whether what was observed can be used."""

    READY = "ready"
    PENDING = "pending"  # being built; somebody may wait for it
    FAILED = "failed"  # its build failed, and will not go on by itself


@dataclass(frozen=True, slots=True)
class HeldSecret:
    """A secret as it stands in a live object, and how often it was rotated there."""

    counter: int
    secret: Secret


@dataclass(frozen=True, slots=True)
class Observed:
    """What a provider reported."""

    id: ResourceId
    spec: Spec
    """The fields that can change in place, in the form of the linked `Resource.spec`."""
    version: str = ""
    """Opaque token (an ETag) that must still match when we write."""
    owned: bool = False
    """Whether it carries our ownership mark; we never touch what we do not own."""
    address: str = ""
    """Its own name in the cloud, such as `vision-77e0c41f` or `iris:3`."""
    marker: Marker | None = None
    refs: Refs = field(default_factory=dict)
    state: State = State.READY
    status: Spec = field(default_factory=dict)
    """What the cloud says about it and nobody can ask for."""
    content: Spec = field(default_factory=dict)
    """What cannot change in place, as the cloud holds it, secrets masked: for showing only."""
    secrets: Mapping[str, HeldSecret] = field(default_factory=dict)
    """By the name of the resource that a secret belongs to."""


Resolved: TypeAlias = Mapping[ResourceId, Observed]


def replaced(spec: Spec, values: Mapping[FieldPath, Value]) -> Spec:
    """A copy of `spec` with other values at some of its paths."""
    if not values:
        return spec
    return {key: _replaced(value, (key,), values) for key, value in spec.items()}


def _replaced(value: Value, path: FieldPath, values: Mapping[FieldPath, Value]) -> Value:
    if path in values:
        return values[path]
    if isinstance(value, Mapping):
        return {key: _replaced(inner, (*path, key), values) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(
            _replaced(item, (*path, str(index)), values) for index, item in enumerate(value)
        )
    return value
