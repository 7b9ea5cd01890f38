"""Faults on order: the next calls that match are refused, slow, dropped, or lose the answer."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fault:
    """`match` is searched in "METHOD path?query"; `times` of 0 means until it is removed.

    `skip` lets as many matching calls pass first. `drop` closes the connection before the call is
    processed, `drop_after` when its effect stands. `hold` and `hold_after` never answer, and from
    then on nothing else is answered either: the moment to kill a client at.
    """

    match: str
    status: int = 0
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    delay: float = 0.0
    drop: bool = False
    drop_after: bool = False
    hold: bool = False
    hold_after: bool = False
    skip: int = 0

    @property
    def holds(self) -> bool:
        return self.hold or self.hold_after

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
            "hold": self.hold,
            "hold_after": self.hold_after,
            "skip": self.skip,
        }


NO_FAULT = Fault(match="")
FROZEN = Fault(match="", hold=True)


@dataclass
class _Rule:
    fault: Fault
    left: int
    to_pass: int


class Faults:
    """The rules in force, oldest first; the first that matches a call is used up by it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[_Rule] = []
        self._frozen = False
        self._held = 0

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._rules.append(_Rule(fault, fault.times, fault.skip))

    def clear(self) -> None:
        """Calls that are held lose their connection."""
        with self._lock:
            self._rules.clear()
            self._frozen = False
            self._held = 0

    def rules(self) -> list[dict[str, Any]]:
        with self._lock:
            return [
                rule.fault.as_json() | {"left": rule.left, "passed": rule.fault.skip - rule.to_pass}
                for rule in self._rules
            ]

    @property
    def frozen(self) -> bool:
        """Whether nothing is answered any more."""
        with self._lock:
            return self._frozen

    @property
    def held(self) -> int:
        """How many calls wait in vain."""
        with self._lock:
            return self._held

    def holding(self) -> None:
        """One more call waits in vain."""
        with self._lock:
            self._held += 1

    def take(self, target: str) -> Fault:
        with self._lock:
            if self._frozen:
                return FROZEN
            for rule in self._rules:
                if re.search(rule.fault.match, target):
                    return self._used(rule)
        return NO_FAULT

    def _used(self, rule: _Rule) -> Fault:
        if rule.to_pass:
            rule.to_pass -= 1
            return NO_FAULT
        if rule.left == 1:
            self._rules.remove(rule)
        elif rule.left:
            rule.left -= 1
        self._frozen = rule.fault.holds
        return rule.fault
