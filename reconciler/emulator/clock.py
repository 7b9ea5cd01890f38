"""Time as an argument: the machine's, one that a test moves, and one that runs ahead."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from typing import Protocol

from reconciler.emulator.store import Store

_OFFSET = "clock.offset"


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, in UTC."""


class AdjustableClock(Clock, Protocol):
    """The emulated cloud's clock, which `/_emulator/clock` moves."""

    def advance(self, seconds: float) -> None: ...

    def set(self, moment: datetime) -> None: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(timezone.utc)  # noqa: TID251 - the clock that everybody else is given


class ManualClock:
    """Stands still until it is told to move."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(timezone.utc)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        with self._lock:
            self._now = moment.astimezone(timezone.utc)


class OffsetClock:
    """A base clock moved by an offset, which is kept in the store: a restart does not go back."""

    def __init__(self, store: Store, base: Clock | None = None) -> None:
        self._store = store
        self._base = base or SystemClock()
        self._offset = timedelta(seconds=float(store.setting(_OFFSET) or 0))

    def now(self) -> datetime:
        return self._base.now() + self._offset

    def advance(self, seconds: float) -> None:
        self._keep(self._offset + timedelta(seconds=seconds))

    def set(self, moment: datetime) -> None:
        self._keep(moment.astimezone(timezone.utc) - self._base.now())

    def _keep(self, offset: timedelta) -> None:
        self._offset = offset
        self._store.set_setting(_OFFSET, repr(offset.total_seconds()))
