"""Keeps below the hub's rates, so that nothing is refused for coming too often.

A bucket per class of operations, with the rates of the free and the first standard tier:
https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling. A minute's worth may
come at once, as the hub allows; then one at a time, as the bucket fills. Others use the same hub,
so a refusal all the same empties the bucket, below nothing: nobody knows how much is left.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from threading import Lock

from reconciler.providers.azure.fault import Cause, Fault, FaultError
from reconciler.providers.azure.patience import Patience

SERVICE = "IoT Hub"
PENALTY = 10.0
"""Seconds: the hub's refusal says "wait 10 seconds"."""
UNLIMITED = 0


class Operations(Enum):
    CONFIGURATIONS = "configurations"  # reads and writes together
    QUERIES = "queries"
    REGISTRY = "registry"
    TWIN_READS = "twin reads"
    TWIN_UPDATES = "twin updates"


@dataclass(frozen=True, slots=True)
class Rate:
    calls: int
    seconds: float
    per_unit: bool


RATES = {
    Operations.CONFIGURATIONS: Rate(20, 60, per_unit=True),
    Operations.QUERIES: Rate(20, 60, per_unit=True),
    Operations.REGISTRY: Rate(100, 60, per_unit=True),
    Operations.TWIN_READS: Rate(100, 1, per_unit=False),
    Operations.TWIN_UPDATES: Rate(50, 1, per_unit=False),
}


@dataclass(slots=True)
class _Bucket:
    size: float
    rate: float
    """Calls a second."""
    at: float
    calls: float
    lock: Lock = field(default_factory=Lock)

    def fill(self, now: float) -> None:
        self.calls = min(self.size, self.calls + max(0.0, now - self.at) * self.rate)
        self.at = now


class Limiter:
    """Safe to use from several threads: they wait in turn."""

    def __init__(self, patience: Patience, units: int = UNLIMITED) -> None:
        self._patience = patience
        now = patience.now()
        self._buckets = {each: _bucket(rate, units, now) for each, rate in RATES.items() if units}

    def turn(self, operations: Operations, calls: int = 1) -> None:
        """Wait until so many more calls fit; raises where the run would be over by then."""
        if (bucket := self._buckets.get(operations)) is None:
            return
        with bucket.lock:
            bucket.fill(self._patience.now())
            if (pause := (calls - bucket.calls) / bucket.rate) > 0:
                self._wait(pause)
                bucket.fill(self._patience.now())
            bucket.calls = max(0.0, bucket.calls - calls)

    def refused(self, operations: Operations) -> None:
        """The hub took it for too much."""
        if (bucket := self._buckets.get(operations)) is None:
            return
        with bucket.lock:
            bucket.fill(self._patience.now())
            bucket.calls = min(bucket.calls, 0.0) - PENALTY * bucket.rate

    def _wait(self, pause: float) -> None:
        if pause > self._patience.left:
            text = "the time budget is spent before the hub's rate lets another call through"
            raise FaultError(Fault(SERVICE, "waiting for its turn", Cause.REFUSED, text=text))
        self._patience.sleep(pause)


def _bucket(rate: Rate, units: int, now: float) -> _Bucket:
    size = rate.calls * (units if rate.per_unit else 1)
    return _Bucket(size, size / rate.seconds, now, size)
