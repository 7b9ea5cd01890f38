"""The clock, read here and nowhere else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone


@dataclass(frozen=True, slots=True)
class Clock:
    """What waiting and time limits go by: the machine's, or one that a proof moves."""

    now: Callable[[], float] = time.time
    """Seconds since the epoch."""
    steady: Callable[[], float] = time.monotonic
    """Seconds that nobody can set back."""
    sleep: Callable[[float], None] = time.sleep


def day(seconds: float) -> str:
    """The day, in UTC, as `2026-12-31`."""
    return datetime.fromtimestamp(seconds, timezone.utc).date().isoformat()


def moment() -> str:
    """Now, in UTC, to the second."""
    return stamp(time.time())


def stamp(seconds: float) -> str:
    """Seconds since the epoch as people and programs write them, in UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")
