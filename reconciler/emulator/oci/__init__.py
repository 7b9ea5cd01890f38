"""The container registry: what images are in it, and how clients log in and pull."""

from __future__ import annotations

from starlette.routing import BaseRoute

from reconciler.emulator.context import Context

SCHEMA = ""


def routes(_context: Context) -> list[BaseRoute]:
    return []


def image_exists(_context: Context, reference: str) -> bool:
    """Whether a device could pull `reference` (`host/repository:tag` or `...@sha256:...`)."""
    return bool(reference)
