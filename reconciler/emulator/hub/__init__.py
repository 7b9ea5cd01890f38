"""The IoT Hub service and its simulated devices."""

from __future__ import annotations

from typing import Any

from starlette.routing import BaseRoute

from reconciler.emulator.context import Context
from reconciler.emulator.hub import (
    agents,
    configurations,
    metrics,
    pulling,
    rollout,
    routes_configurations,
    routes_control,
    routes_registry,
    routes_twins,
    rows,
    seeding,
    switches,
)
from reconciler.emulator.hub.schema import SCHEMA

__all__ = ["SCHEMA", "routes", "seed", "tick"]


def routes(context: Context) -> list[BaseRoute]:
    """All routes of the hub, and its part of `/_emulator/`."""
    return [
        *routes_control.routes(context),
        *routes_configurations.routes(context),
        *routes_twins.routes(context),
        *routes_registry.routes(context),
    ]


def tick(context: Context) -> None:
    """The background pass: conditions, then agents, then metrics."""
    now = context.clock.now()
    with context.store.transaction() as db:
        current = switches.current(db, context.settings)
        moved = rollout.evaluate(db, now, current)
        moved |= agents.run(db, now, current, pulling.puller(context))
        if moved:
            rows.touch(db, configurations.METRICS, "", now)
        metrics.evaluate(db, now.timestamp() - current.metrics_lag_seconds)


def seed(context: Context, devices: list[dict[str, Any]]) -> int:
    """Put devices into the hub, unless they are there; returns how many were given."""
    hub = context.identity.hub_name.partition(".")[0]
    with context.store.transaction() as db:
        return seeding.seed(db, devices, hub, context.clock.now())
