"""What goes into an image: the files of its assets, of its recipe and of its models."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reconciler.emulator.context import Context
from reconciler.emulator.errors import ServiceError
from reconciler.emulator.workspace import records, storage
from reconciler.emulator.workspace.artifacts import blob_path
from reconciler.emulator.workspace.builds import Part
from reconciler.emulator.workspace.records import Kind


def of_assets(assets: Iterable[Mapping[str, Any]]) -> list[Part]:
    paths = ((str(asset["id"]), blob_path(str(asset["url"]))) for asset in assets)
    return [(f"assets/{name}", path) for name, path in paths if path is not None]


def of_recipe(urls: Mapping[str, Any]) -> list[Part]:
    """Conda file, pip requirements, docker steps: each under the name of its field."""
    paths = ((name, blob_path(str(url))) for name, url in urls.items())
    return [(f"recipe/{name}", path) for name, path in paths if path is not None]


def of_models(context: Context, db: sqlite3.Connection, ids: Sequence[str]) -> list[Part]:
    return [part for identifier in ids for part in _of_model(context, db, identifier)]


def text(context: Context, parts: Iterable[Part]) -> str:
    """The parts' content in one string; meant for recipes, which are small."""
    blobs = filter(None, (storage.find(context, path) for _, path in parts))
    return "\n".join(
        context.contents.read(blob.content.sha256).decode(errors="replace") for blob in blobs
    )


def _of_model(context: Context, db: sqlite3.Connection, identifier: str) -> Iterator[Part]:
    model = records.find(db, Kind.MODEL, identifier)
    if model is None:
        message = f"Model {identifier} not found."
        raise ServiceError(404, "NotFound", message, detail="ModelNotFound")
    asset = records.find(db, Kind.ASSET, model["url"].removeprefix("aml://asset/"))
    for artifact in asset["artifacts"] if asset else []:
        prefix = str(artifact.get("prefix") or artifact.get("id"))
        folder = prefix.rpartition("/")[0] + "/"
        for path in storage.under(context, prefix):
            name = path.removeprefix(folder)
            yield f"models/{model['name']}/{model['version']}/{name}", path
