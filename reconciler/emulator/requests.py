"""Which calls the emulated cloud has served: so that tests can count writes and unknown calls."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Kind:
    """One row of the count: an operation as the service documents it."""

    operation: str
    method: str
    template: str
    write: bool


@dataclass(frozen=True, order=True)
class Unknown:
    """A call that no service here implements."""

    method: str
    path: str
    api_version: str


class RequestLog:
    """Counts in memory; the state folder does not remember them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._served: Counter[Kind] = Counter()
        self._unknown: Counter[Unknown] = Counter()
        self._crashes: list[str] = []

    def count(self, kind: Kind) -> None:
        with self._lock:
            self._served[kind] += 1

    def count_unknown(self, unknown: Unknown) -> None:
        with self._lock:
            self._unknown[unknown] += 1

    def crashed(self, what: str) -> None:
        """A defect of the emulator itself: never expected, so a test can assert its absence."""
        with self._lock:
            self._crashes.append(what)

    def clear(self) -> None:
        with self._lock:
            self._served.clear()
            self._unknown.clear()
            self._crashes.clear()

    def summary(self) -> dict[str, Any]:
        with self._lock:
            return {
                "served": [
                    {
                        "operation": kind.operation,
                        "method": kind.method,
                        "template": kind.template,
                        "write": kind.write,
                        "count": count,
                    }
                    for kind, count in sorted(self._served.items())
                ],
                "writes": sum(count for kind, count in self._served.items() if kind.write),
                "unknown": [
                    {
                        "method": call.method,
                        "path": call.path,
                        "apiVersion": call.api_version,
                        "count": count,
                    }
                    for call, count in sorted(self._unknown.items())
                ],
                "crashes": list(self._crashes),
            }
