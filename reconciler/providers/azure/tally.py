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
    _ids: list[str] = field(default_factory=list)

    def note(self, request_id: str) -> None:
        """Remember what a service calls a write, for whoever must ask its support."""
        with self._lock:
            self._ids.append(request_id)

    def ids(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._ids)

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
