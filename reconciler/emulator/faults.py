"""Faults on order: the next calls that match are refused, slow, dropped or lose the answer."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fault:
    """`match` is searched in "METHOD path?query"; `times` of 0 means until it is removed.

    `drop` closes the connection before the call is processed, `drop_after` when its effect stands.
    """

    match: str
    status: int = 0
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    delay: float = 0.0
    drop: bool = False
    drop_after: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "match": self.match,
            "status": self.status,
            "body": self.body,
            "headers": dict(self.headers),
            "times": self.times,
            "delay": self.delay,
            "drop": self.drop,
            "drop_after": self.drop_after,
        }


NO_FAULT = Fault(match="")


class Faults:
    """The rules in force, oldest first; the first that matches a call is used up by it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[tuple[Fault, int]] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._rules.append((fault, fault.times))

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def rules(self) -> list[dict[str, Any]]:
        with self._lock:
            return [fault.as_json() | {"left": left} for fault, left in self._rules]

    def take(self, target: str) -> Fault:
        with self._lock:
            for index, (fault, left) in enumerate(self._rules):
                if not re.search(fault.match, target):
                    continue
                if left == 1:
                    del self._rules[index]
                elif left:
                    self._rules[index] = (fault, left - 1)
                return fault
        return NO_FAULT
