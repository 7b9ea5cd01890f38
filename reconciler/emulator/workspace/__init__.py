"""The Azure ML workspace: models, images, packages, and the storage and ARM calls around them."""

from __future__ import annotations

from starlette.routing import BaseRoute

from reconciler.emulator.context import Context

SCHEMA = ""


def routes(_context: Context) -> list[BaseRoute]:
    return []


def tick(_context: Context) -> None:
    """Nothing happens here yet."""
