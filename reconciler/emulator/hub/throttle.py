"""Throttling in the hub's way: by kind of operation, in windows, with no Retry-After.

Rates: https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling (free and S1).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from reconciler.emulator.hub import refusal
from reconciler.emulator.hub.switches import Switches

BURST = 2
"""How many windows' worth is served before 429: a short burst is shaped, not refused."""


@dataclass(frozen=True)
class Rate:
    """`calls` in `seconds`, for each unit unless the hub as a whole has the limit."""

    calls: int
    seconds: int
    per_unit: bool


class Operations(Enum):
    """The value is what the refusal names."""

    REGISTRY = "Registry"
    TWIN_READ = "TwinRead"
    TWIN_UPDATE = "TwinUpdate"
    QUERY = "Query"
    CONFIGURATION_READ = "ConfigurationRead"
    CONFIGURATION_WRITE = "ConfigurationWrite"

    @property
    def rate(self) -> Rate:
        match self:
            case Operations.REGISTRY:
                return Rate(100, 60, per_unit=True)
            case Operations.TWIN_READ:
                return Rate(100, 1, per_unit=False)
            case Operations.TWIN_UPDATE:
                return Rate(50, 1, per_unit=False)
            case Operations.QUERY | Operations.CONFIGURATION_READ | Operations.CONFIGURATION_WRITE:
                return Rate(20, 60, per_unit=True)

    @property
    def bucket(self) -> str:
        """Configurations are read and written against one limit."""
        return self.value.removesuffix("Read") if "Configuration" in self.value else self.value


def admit(
    db: sqlite3.Connection, operations: Operations, cost: int, now: datetime, switches: Switches
) -> None:
    """Count the call, or raise 429 when the window is full."""
    if not switches.throttles:
        return
    rate, bucket = operations.rate, operations.bucket.removesuffix("Write")
    window = int(now.timestamp()) // rate.seconds
    limit = rate.calls * BURST * (switches.units if rate.per_unit else 1)
    db.execute("DELETE FROM hub_traffic WHERE operation = ? AND window < ?", (bucket, window))
    query = "SELECT count FROM hub_traffic WHERE operation = ? AND window = ?"
    row = db.execute(query, (bucket, window)).fetchone()
    count = cost + (row[0] if row else 0)
    if count > limit:
        raise refusal.throttled(operations.value)
    db.execute("INSERT OR REPLACE INTO hub_traffic VALUES (?, ?, ?)", (bucket, window, count))
