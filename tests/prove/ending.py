"""What must be equal after any two ways to the same commit: the cloud without times and counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from reconciler.emulator import hub
from reconciler.emulator.server import Running

Rows = list[dict[str, Any]]
LEASE = "reconciler-lease-"
DIGEST = "reconciler-digest"
THEIRS = ("base-00000000", "weights:1")
"""What others own, by id."""


def ending(emulator: Running) -> dict[str, Any]:
    """The end state of a run: equal for equal wishes, however it was come by."""
    hub.tick(emulator.context)
    tables = emulator.context.store.snapshot()
    return {
        "configurations": {row["id"]: _configuration(row) for row in tables["hub_configuration"]},
        "models": sorted(_record(row) for row in _records(tables["record"], "model")),
        "images": sorted(_record(row) for row in _records(tables["record"], "image")),
        # Not by their digest: the SDK writes random names into what it builds from.
        "tags in the registry": sorted(
            f"{row['host']}/{row['repository']}:{row['tag']}" for row in tables["oci_tag"]
        ),
        "tags of devices": {row["device_id"]: _tags(row) for row in _devices(tables)},
        "agents": {row["device_id"]: _applied(row) for row in tables["hub_agent"]},
    }


def theirs(emulator: Running) -> dict[str, Any]:
    """Every column of what others own, but what the hub counts by itself."""
    tables = emulator.context.store.snapshot()
    counted = {"metric_results", "system_results"}
    rows = {row["id"]: row for row in (*tables["hub_configuration"], *tables["record"])}
    objects = {
        id_: {name: value for name, value in rows[id_].items() if name not in counted}
        for id_ in THEIRS
    }
    tags = {row["device_id"]: json.loads(row["tags"]) for row in _devices(tables)}
    return {**objects, "tags": {name: told.get("theirs") for name, told in tags.items()}}


def twice(end: dict[str, Any]) -> Iterator[str]:
    """Models and images that are there more than once."""
    for sort in ("models", "images"):
        items = end[sort]
        yield from (
            f"{item} is there twice" for item in sorted(set(items)) if items.count(item) > 1
        )


def baseless(emulator: Running) -> Iterator[str]:
    """Every moment in which a device that had a base had none."""
    for row in emulator.context.store.snapshot()["hub_history"]:
        if row["event"] == "base-none":
            yield f"{row['device_id']} had no base at {row['at']}"


def differences(ours: dict[str, Any], wanted: dict[str, Any]) -> Iterator[str]:
    for name, value in wanted.items():
        if ours[name] != value:
            yield f"{name}: {_shown(ours[name], value)} instead of {_shown(value, ours[name])}"


def _shown(value: object, other: object) -> str:
    """What the other does not have."""
    if isinstance(value, dict) and isinstance(other, dict):
        value = {key: item for key, item in value.items() if other.get(key) != item}
    elif isinstance(value, list) and isinstance(other, list):
        value = [item for item in value if value.count(item) != other.count(item)]
    return json.dumps(value)


def _applied(row: dict[str, Any]) -> list[str]:
    """What an agent runs: the base, and all layers, which the hub notes with their times."""
    return [row["base"], *(part.partition("@")[0] for part in row["applied"].split())]


def _tags(row: dict[str, Any]) -> dict[str, Any]:
    """Without the branch that the last group of a device leaves empty."""
    tags: dict[str, Any] = json.loads(row["tags"])
    groups = {owner: held for owner, held in tags.pop("reconciler", {}).items() if held}
    return {**tags, "reconciler": groups}


def _configuration(row: dict[str, Any]) -> list[Any]:
    fields = ("labels", "target_condition", "priority", "content", "metric_queries")
    return [row[field] for field in fields]


def _records(rows: Rows, kind: str) -> Iterator[dict[str, Any]]:
    return (json.loads(row["document"]) for row in rows if row["kind"] == kind)


def _record(document: dict[str, Any]) -> str:
    """By name, digest and tags; the number is the service's."""
    digest = (document.get("properties") or {}).get(DIGEST, "")
    tags = document.get("kvTags") or {}
    return json.dumps([document["name"], digest, tags, document.get("creationState", "")])


def _devices(tables: dict[str, Rows]) -> Rows:
    return [
        row
        for row in tables["hub_identity"]
        if not row["module_id"] and not row["device_id"].startswith(LEASE)
    ]
