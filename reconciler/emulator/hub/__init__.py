"""The IoT Hub service and its simulated devices."""

from __future__ import annotations

from typing import Any

from starlette.routing import BaseRoute

from reconciler.emulator.context import Context

SCHEMA = ""


def routes(_context: Context) -> list[BaseRoute]:
    return []


def tick(_context: Context) -> None:
    """Nothing happens on devices yet."""


def seed(_context: Context, devices: list[dict[str, Any]]) -> int:
    """Put devices into the hub; returns how many."""
    return len(devices)
