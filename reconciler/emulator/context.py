"""What every service of the emulated cloud is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from reconciler.emulator.clock import AdjustableClock, Clock, SystemClock
from reconciler.emulator.contents import Contents
from reconciler.emulator.faults import Faults
from reconciler.emulator.identity import Identity
from reconciler.emulator.requests import RequestLog
from reconciler.emulator.settings import Settings
from reconciler.emulator.store import Store
from reconciler.emulator.transports import Transports


@dataclass(frozen=True)
class Context:
    """`clock` is the cloud's time. `client_clock` is what credentials expire by: clients stamp
    tokens with their machine's time, which a test cannot move.
    """

    store: Store
    clock: AdjustableClock
    identity: Identity
    base_url: str
    contents: Contents
    settings: Settings = field(default_factory=Settings)
    client_clock: Clock = field(default_factory=SystemClock)
    requests: RequestLog = field(default_factory=RequestLog)
    faults: Faults = field(default_factory=Faults)
    transports: Transports = field(default_factory=Transports)
    watchers: list[Callable[[], None]] = field(default_factory=list)
    """Called after each write, before its answer: for tests that look at every moment."""

    @property
    def host(self) -> str:
        """Host and port, as clients send it in `Host` and sign it in a SAS."""
        return self.base_url.removeprefix("https://")
