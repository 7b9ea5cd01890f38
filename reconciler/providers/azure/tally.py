"""How many requests went to which service: what a run costs, for `-v` and for the budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

READ = "read"
WRITE = "write"


@dataclass(slots=True)
class Tally:
    """Counts requests as they are sent, repetitions too, from any thread."""

    _counts: dict[str, dict[str, int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def add(self, service: str, sort: str, number: int = 1) -> None:
        with self._lock:
            counts = self._counts.setdefault(service, {READ: 0, WRITE: 0})
            counts[sort] += number

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """`{"hub": {"read": 1, "write": 0}, ...}`: only services that were asked."""
        with self._lock:
            return {service: dict(sorts) for service, sorts in sorted(self._counts.items())}

    def total(self) -> int:
        return sum(sum(sorts.values()) for sorts in self.counts().values())
