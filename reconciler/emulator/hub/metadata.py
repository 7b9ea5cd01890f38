"""`$metadata`: when each property was written, at which version, by which configuration."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.emulator.hub.wire import load

UPDATED, VERSION = "$lastUpdated", "$lastUpdatedVersion"


@dataclass(frozen=True)
class Origin:
    """A configuration wrote what lies at or below `path`."""

    path: tuple[str, ...]
    configuration_id: str
    digest: str

    @property
    def stamp(self) -> dict[str, str]:
        return {
            "$lastUpdatedBy": self.configuration_id,
            "$lastUpdatedByDigest": self.digest,
        }


def of_desired(row: sqlite3.Row, content: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of a twin's desired section: as stored, or that of one write of the whole."""
    if row["desired_metadata"] is not None:
        return load(row["desired_metadata"])
    stamp = {UPDATED: row["desired_updated"], VERSION: row["desired_version"]}
    return uniform(content, stamp, _origins(json.loads(row["desired_origins"])))


def _origins(lists: list[list[Any]]) -> tuple[Origin, ...]:
    return tuple(Origin(tuple(path), id_, digest) for path, id_, digest in lists)


def uniform(
    content: Mapping[str, Any], stamp: Mapping[str, Any], origins: tuple[Origin, ...] = ()
) -> dict[str, Any]:
    """Metadata of a section that was written as a whole; the last matching origin wins."""
    return _uniform(content, stamp, origins, ())


def _uniform(
    content: object, stamp: Mapping[str, Any], origins: tuple[Origin, ...], path: tuple[str, ...]
) -> dict[str, Any]:
    told = dict(stamp)
    for origin in origins:
        if path[: len(origin.path)] == origin.path:
            told |= origin.stamp
    if isinstance(content, Mapping):
        told |= {
            key: _uniform(value, stamp, origins, (*path, key)) for key, value in content.items()
        }
    return told


def patched(
    metadata: Mapping[str, Any], patch: Mapping[str, Any], stamp: Mapping[str, Any]
) -> dict[str, Any]:
    """Metadata after a merge patch: every touched node and its parents carry the new stamp."""
    told = {key: value for key, value in metadata.items() if not key.startswith("$")}
    told |= dict(stamp)
    for key, value in patch.items():
        before = told.get(key, {})
        if value is None:
            told.pop(key, None)
        elif isinstance(value, Mapping):
            told[key] = patched(before, value, stamp)
        else:
            told[key] = dict(stamp)
    return told
