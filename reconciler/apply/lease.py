"""One writer at a time: a short lease that renews itself and expires by itself.

No two clocks are compared. A lease is alive while its record changes: whoever meets one watches
it for as long as it may stay unchanged, on a clock of its own, and takes over what did not move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

from reconciler.providers.port import ConflictError, Held, LeaseStore, LockedError, ProviderError

BEATS = 3
"""Renewals within that time."""
BEAT = "beat"
"""What changes in the record with every renewal."""
CHECKS = 6
"""How often a watcher looks within that time."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The clock, and how long a lease lasts without a sign of life."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    duration: float
    """Seconds that a record may stay unchanged."""


@dataclass(slots=True)
class Lease:
    """A lease that is held; `lost` once somebody else has taken it over."""

    store: LeaseStore
    held: Held
    terms: Terms
    renewed: float
    """When the last sign of life that arrived was sent."""
    lost: bool = False
    _stop: Event = field(default_factory=Event)

    @property
    def doubtful(self) -> bool:
        """Whether somebody may have taken it over by now: nothing more may be begun then."""
        return self.lost or self.terms.now() - self.renewed >= self.terms.duration

    def renew(self) -> None:
        """Show a sign of life. A conflict means that the lease was taken away, or that the
        answer to our own last write was lost: what stands there tells which.
        """
        sent = self.terms.now()
        beat = str(int(self.held.record.get(BEAT, "0")) + 1)
        try:
            self.held = self.store.write({**self.held.record, BEAT: beat}, self.held.version)
        except ConflictError:
            there = self.store.read()
            if _who(there) == _who(self.held):
                self.held = there
            else:
                self.lost = True
                return
        self.renewed = sent

    def keep(self, every: float) -> None:
        """Renew until released. A hub that does not answer is asked again with the next beat."""
        while not self._stop.wait(every) and not self.lost:
            with suppress(ProviderError):
                self.renew()

    def release(self) -> None:
        self._stop.set()

    def give_back(self) -> None:
        if not self.lost:
            try:
                self.store.write(None, self.held.version)
            except ProviderError:
                self.lost = True  # it expires by itself


@contextmanager
def leased(store: LeaseStore, record: Mapping[str, str], terms: Terms) -> Iterator[Lease]:
    """Hold the lease; raises `LockedError` while somebody else visibly does."""
    lease = _taken(store, record, terms)
    beating = Thread(target=lease.keep, args=(terms.duration / BEATS,), daemon=True)
    beating.start()
    try:
        yield lease
    finally:
        lease.release()
        beating.join()
        lease.give_back()


def _taken(store: LeaseStore, record: Mapping[str, str], terms: Terms) -> Lease:
    seen = store.read()
    end = terms.now() + terms.duration
    while True:
        if not seen.record or terms.now() >= end:
            sent = terms.now()
            return Lease(store, _written(store, record, seen), terms, sent)
        terms.sleep(terms.duration / CHECKS)
        now = store.read()
        if now.record and now.record != seen.record:
            raise LockedError(now.record)
        seen = now


def _written(store: LeaseStore, record: Mapping[str, str], seen: Held) -> Held:
    try:
        return store.write({**record, BEAT: "0"}, seen.version)
    except ConflictError:
        there = store.read()
        if _who(there) == dict(record):
            return there
        raise LockedError(there.record) from None


def _who(held: Held) -> Mapping[str, str]:
    """The record of a run, which names it, without what changes while it runs."""
    return {key: value for key, value in held.record.items() if key != BEAT}
