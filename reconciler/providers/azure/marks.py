"""The ownership mark as the services keep it: labels of a deployment, properties of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.model import Marker, ResourceId, Scope

OWNER = "reconciler-owner"
ENVIRONMENT = "reconciler-env"
NAME = "reconciler-name"
DIGEST = "reconciler-digest"
COMMIT = "reconciler-commit"
OURS = "reconciler-"
"""Everything of ours starts so; what a person wrote does not."""


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes the mark, and knows its own again."""

    scope: Scope
    commit: str = ""

    def marks(self, resource_id: ResourceId) -> dict[str, str]:
        return {
            OWNER: self.scope.owner,
            ENVIRONMENT: self.scope.environment,
            NAME: resource_id.name,
            DIGEST: resource_id.generation,
            **({COMMIT: self.commit} if self.commit else {}),
        }

    def owns(self, marker: Marker | None) -> bool:
        return marker is not None and Scope(marker.owner, marker.environment) == self.scope


def marker_in(marks: Mapping[str, str]) -> Marker | None:
    """The mark of whoever wrote this; None for what no reconciler wrote."""
    if not (marks.get(OWNER) and marks.get(NAME)):
        return None
    return Marker(
        owner=marks[OWNER],
        environment=marks.get(ENVIRONMENT, ""),
        name=marks[NAME],
        digest=marks.get(DIGEST, ""),
        commit=marks.get(COMMIT, ""),
    )


def unmarked(marks: Mapping[str, str]) -> dict[str, str]:
    """What a person wrote."""
    return {key: value for key, value in sorted(marks.items()) if not key.startswith(OURS)}
