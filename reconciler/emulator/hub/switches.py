"""How this hub behaves where real ones are slow, differ by tier, or are not fully known."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, dataclass, replace
from typing import Any

from reconciler.emulator.errors import ServiceError
from reconciler.emulator.hub.wire import dump, load
from reconciler.emulator.settings import RemovedLayer, Settings

_STORED = "switches"


@dataclass(frozen=True)
class Switches:
    """Durations are in seconds of the emulated clock.

    `content_change_fails` answers 400403 to changed content (documented, never seen) where a hub
    keeps the old content silently; `system_modules_patchable` allows PATCH of `$edgeAgent` twins
    (the sources disagree); `ghost_seconds` is how long queries still return deleted devices.
    """

    throttles: bool = False
    units: int = 1
    configuration_limit: int = 100
    page_size: int = 1000
    condition_lag_seconds: float = 0.0
    metrics_lag_seconds: float = 0.0
    query_lag_seconds: float = 0.0
    ghost_seconds: float = 0.0
    pull_seconds: float = 0.0
    removed_layer: str = RemovedLayer.MODULES_GO.value
    content_change_fails: bool = False
    system_modules_patchable: bool = False

    @property
    def answers_late(self) -> bool:
        return self.query_lag_seconds > 0 or self.ghost_seconds > 0

    @property
    def layers_stay(self) -> bool:
        return self.removed_layer == RemovedLayer.MODULES_STAY.value


def current(db: sqlite3.Connection, settings: Settings) -> Switches:
    """The start settings, and on top what was switched since."""
    start = Switches(
        throttles=settings.hub_throttles,
        units=settings.hub_units,
        condition_lag_seconds=settings.condition_lag_seconds,
        metrics_lag_seconds=settings.metrics_lag_seconds,
        query_lag_seconds=settings.query_lag_seconds,
        pull_seconds=settings.pull_seconds,
        removed_layer=settings.removed_layer.value,
    )
    return replace(start, **_stored(db))


def switch(db: sqlite3.Connection, changes: dict[str, Any]) -> None:
    """Raises ServiceError for a name that is no switch."""
    if unknown := sorted(set(changes) - set(asdict(Switches()))):
        raise ServiceError(400, "BadSwitch", f"no such switch: {', '.join(unknown)}")
    db.execute(
        "INSERT OR REPLACE INTO hub_setting (name, value) VALUES (?, ?)",
        (_STORED, dump(_stored(db) | changes)),
    )


def _stored(db: sqlite3.Connection) -> dict[str, Any]:
    row = db.execute("SELECT value FROM hub_setting WHERE name = ?", (_STORED,)).fetchone()
    return load(row[0]) if row else {}
