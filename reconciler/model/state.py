"""The two sides of every diff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reconciler.model.diagnostic import Diagnostic
from reconciler.model.resource import Observed, Resource, ResourceId


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a fleet is planned: two scopes never share a deployment."""

    owner: str
    environment: str


@dataclass(frozen=True, slots=True)
class Commit:
    """Where the desired state was read from."""

    sha: str = ""
    """40 hex digits, or empty outside a repository."""
    dirty: bool = False
    repository: str = ""

    def __str__(self) -> str:
        if not self.sha:
            return "no commit"
        return f"{self.sha[:7]} ({'with uncommitted changes' if self.dirty else 'clean'})"


@dataclass(frozen=True, slots=True)
class DesiredState:
    """Everything one git commit asks for."""

    commit: Commit
    resources: Mapping[ResourceId, Resource]

    @classmethod
    def of(cls, commit: Commit, resources: Iterable[Resource]) -> DesiredState:
        return cls(commit, {r.id: r for r in resources})


@dataclass(frozen=True, slots=True)
class ActualState:
    """Everything one provider reported in one read."""

    provider: str
    resources: Mapping[ResourceId, Observed]
    diagnostics: tuple[Diagnostic, ...] = field(default_factory=tuple)
    """What the live state has to say: a device that is not registered, a tag that moved."""
    requests: int = 0
