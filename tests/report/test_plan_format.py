"""The published format of a plan: what is written fits it, and what was written stays readable.

`python -m tests.report.test_plan_format` adds the golden files that are missing. One that is
there is a promise, and is never written again: a new shape gets a new minor version and new files.
"""

from __future__ import annotations

import json as standard
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.app.fleet import DOCUMENTS, schema_text
from reconciler.model import Value, mapping
from reconciler.report import json
from reconciler.report.saved import UnreadableError, read
from tests.report.scenes import SCENES

GOLDEN = Path(__file__).parent / "plans"
FILES = sorted(GOLDEN.glob("*.json"))
SCHEMA: dict[str, Any] = standard.loads(schema_text("Plan"))
VALIDATOR = Draft202012Validator(SCHEMA)
KEPT = ("create", "update", "replacement", "removal", "hidden", "nothing", "refused")


def written(name: str) -> str:
    """A plan as `plan --out` writes it."""
    making: dict[str, Value] = {
        "timestamp": "2026-01-01T12:00:00+00:00",
        "expires_at": "2026-01-02T12:00:00+00:00",
        "selection": {"only": (), "retry_failed": False},
        "target": {"provider": "azure", "hub": "contoso.azure-devices.net"},
    }
    return json.render({**json.document(SCENES[name]()), **making})


@pytest.mark.parametrize("name", SCENES)
def test_every_plan_fits_its_schema(name: str) -> None:
    VALIDATOR.validate(standard.loads(written(name)))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_was_written_once_stays_valid_and_readable(file: Path) -> None:
    text = file.read_text("utf-8")
    VALIDATOR.validate(standard.loads(text))
    assert read(text).digest == standard.loads(text)["plan_digest"]


@pytest.mark.parametrize("name", KEPT)
def test_the_format_of_today_is_kept(name: str) -> None:
    version = json.FORMAT
    assert written(name) == (GOLDEN / f"{version}-{name}.json").read_text("utf-8")


def test_a_reader_passes_over_what_a_newer_minor_version_adds() -> None:
    newer = {**standard.loads(written("update")), "format_version": "1.99", "confidence": 0.9}
    VALIDATOR.validate(newer)
    assert read(standard.dumps(newer)).environment == "prod"


@pytest.mark.parametrize("version", ["2.0", "0.9", "11.0"])
def test_another_major_version_is_refused(version: str) -> None:
    newer = {**standard.loads(written("update")), "format_version": version}
    assert not VALIDATOR.is_valid(newer)
    with pytest.raises(UnreadableError, match=rf"its format {version} is not one"):
        read(standard.dumps(newer))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_schema_says_what_everything_is(name: str) -> None:
    schema = standard.loads(schema_text(name))
    Draft202012Validator.check_schema(schema)
    assert [path for path, node in properties(schema, "") if not described(node)] == []
    for example in schema["examples"]:
        Draft202012Validator(schema).validate(example)


def described(node: dict[str, Any]) -> bool:
    return "$ref" in node or node.keys() >= {"title", "description", "examples"}


def properties(node: object, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        for key, inner in node.get("properties", {}).items():
            yield f"{path}.{key}", inner
        for key, inner in node.items():
            if key != "examples":
                yield from properties(inner, f"{path}.{key}")


def test_every_change_says_what_would_undo_it() -> None:
    found = {
        name: mapping(change).get("inverse")
        for name in ("create", "update", "replacement", "removal")
        for change in standard.loads(written(name))["resource_changes"]
        if mapping(change)["type"] == "Deployment"
    }
    actions: dict[str, Any] = {name: mapping(undo)["actions"] for name, undo in found.items()}
    assert actions == {
        "create": ["delete"],
        "update": ["update"],
        "replacement": ["create", "delete"],
        "removal": ["create"],
    }
    [update] = [
        c["change"]
        for c in standard.loads(written("update"))["resource_changes"]
        if c["type"] == "Deployment"
    ]
    assert mapping(found["update"])["after"] == update["before"]


def test_what_nothing_can_undo_says_why() -> None:
    changes = standard.loads(written("create"))["resource_changes"]
    [model] = [change for change in changes if change["type"] == "Model"]
    assert model["inverse"]["actions"] == []
    assert "what was registered or built stays" in model["inverse"]["because"]
    hidden = standard.loads(written("hidden"))["resource_changes"]
    [lock] = [change for change in hidden if change["address"] == "Lock/door"]
    assert "a secret" in lock["inverse"]["because"]


def test_the_budget_counts_calls_by_their_class() -> None:
    body = standard.loads(written("replacement"))
    assert body["budget"] == {"configuration_writes": 2, "image_writes": 1, "model_writes": 1}
    assert {change["class"] for change in body["resource_changes"]} == body["budget"].keys()


def test_the_budget_of_a_group_is_its_devices() -> None:
    body = standard.loads(written("update"))
    assert body["budget"]["twin_writes"] == 2


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for scene in KEPT:
        place = GOLDEN / f"{json.FORMAT}-{scene}.json"
        if not place.exists():
            place.write_text(written(scene), encoding="utf-8")
