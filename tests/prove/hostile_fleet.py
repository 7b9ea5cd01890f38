"""A fleet with a text in each of its documents, read from files like any other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from reconciler import app
from reconciler.plan import Plan, Wish, build
from reconciler.providers.memory import MemoryCloud
from reconciler.registry import KINDS
from tests.fleets import COMMIT, KEEPING

API = "reconciler/v1"
LONGEST = 4000
FIXED: tuple[dict[str, object], ...] = (
    {"kind": "Fleet", "owner": "plant-a"},
    {"kind": "Environment", "metadata": {"name": "prod"}, "spec": {"provider": "local"}},
    {
        "kind": "DeviceGroup",
        "metadata": {"name": "line-1"},
        "spec": {"targetCondition": "tags.line = 1"},
    },
)


def plan(folder: Path, texts: Sequence[str]) -> Plan:
    """Everything is created. Of what was found wrong only that nothing of it stops the plan."""
    folder.mkdir()
    (folder / "weights").write_text("1", encoding="utf-8")
    names = ("reconciler", "prod", "line-1")
    for name, document in zip(names, FIXED, strict=True):
        _write(folder / f"{name}.yaml", document)
    for number, text in enumerate(texts):
        _write(folder / f"m{number}.yaml", _model(number, text))
        _write(folder / f"d{number}.yaml", _deployment(number, text))
    fleet = app.read_fleet(folder, folder, "prod")
    assert fleet.valid, [str(each) for each in fleet.diagnostics]
    cloud = MemoryCloud.of(KINDS, fleet.scope)
    wish = Wish(COMMIT, fleet.scope, fleet.drafts, KEEPING)
    made = build(wish, cloud.provider.read(fleet.drafts), KINDS)
    return replace(made, diagnostics=())


def said(texts: Iterable[str]) -> set[str]:
    """The texts as files can hold them, and as long as the services take them."""
    return {text[:LONGEST].encode("utf-8", "replace").decode() for text in texts}


def described(body: dict[str, Any]) -> set[str]:
    """The texts that are in a plan as JSON, whole."""
    models = (c for c in body["resource_changes"] if c["type"] == "Model")
    return {change["change"]["after"]["description"] for change in models}


def _model(number: int, text: str) -> dict[str, object]:
    told = _held(text)
    return {
        "kind": "Model",
        "metadata": {"name": f"m{number}"},
        "spec": {"path": "weights", "description": told, "tags": {"note": told}},
    }


def _deployment(number: int, text: str) -> dict[str, object]:
    module = {"image": "contoso.azurecr.io/app:1", "env": {"TEXT": _held(text)}}
    return {
        "kind": "Deployment",
        "metadata": {"name": f"d{number}"},
        "spec": {
            "type": "layer",
            "group": "line-1",
            "priority": 10 + 2 * number,
            "modules": {"app": module},
        },
    }


def _held(text: str) -> str:
    """As it is written in YAML, where a dollar and a brace would be a variable."""
    [held] = said([text])
    return held.replace("${", "$${")


def _write(path: Path, document: dict[str, object]) -> None:
    path.write_text(yaml.safe_dump({"apiVersion": API, **document}), encoding="utf-8")
