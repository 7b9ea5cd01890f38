"""What is there in the emulated cloud, as far as two runs must agree on it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.prove.rig import Rig

VOLATILE = ("reconciler-commit", "reconciler-content")
"""The second names an image's version, which counts what was started, too."""
LEASES = "reconciler-lease-"
EXTRA_PACKAGES = 1
"""A package has no object that could be looked for: after a lost answer it is built once more."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """Without times, ETags, versions and commits."""

    configurations: tuple[tuple[Any, ...], ...]
    devices: tuple[tuple[str, str], ...]
    records: tuple[tuple[Any, ...], ...]


def portrait(rig: Rig) -> Portrait:
    return Portrait(
        tuple(sorted(map(_configuration, rig.rows("hub_configuration")))),
        tuple(
            sorted(
                (row["device_id"], row["tags"])
                for row in rig.rows("hub_identity")
                if not row["module_id"] and not row["device_id"].startswith(LEASES)
            )
        ),
        tuple(sorted(set(_records(rig)))),
    )


def repeated(rig: Rig) -> Iterator[str]:
    """What is there more than once."""
    names = [
        (row["name"], mark)
        for row in rig.rows("record")
        if row["kind"] in {"model", "image"} and (mark := _mark(row))
    ]
    live = [
        json.loads(row["labels"] or "{}").get("reconciler-digest")
        for row in rig.rows("hub_configuration")
    ]
    builds = [row["reference"] for row in rig.rows("build") if row["kind"] == "PackageDockerImage"]
    for what, found, most in (
        ("registered", names, 1),
        ("deployed", [digest for digest in live if digest], 1),
        ("packaged", builds, 1 + EXTRA_PACKAGES),
    ):
        for name, count in Counter(found).items():
            if count > most:
                yield f"{name} is {what} {count} times"


def _configuration(row: dict[str, Any]) -> tuple[Any, ...]:
    labels = {k: v for k, v in json.loads(row["labels"] or "{}").items() if k not in VOLATILE}
    place = row["id"], row["priority"], row["target_condition"]
    return (*place, json.dumps(labels, sort_keys=True), row["metric_queries"])


def _records(rig: Rig) -> Iterator[tuple[Any, ...]]:
    for row in rig.rows("record"):
        document = json.loads(row["document"])
        tags = json.dumps(document.get("kvTags") or document.get("tags") or {}, sort_keys=True)
        if row["kind"] in {"model", "image"}:
            yield row["kind"], row["name"], _mark(row), tags, document.get("description") or ""


def _mark(row: dict[str, Any]) -> str:
    return str((json.loads(row["document"]).get("properties") or {}).get("reconciler-digest", ""))
