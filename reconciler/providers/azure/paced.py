"""Work on thousands of devices, a few at a time: what fails is named, what is left is left.

The hub takes so many calls a second and no more, so such work can take longer than a run may.
Whoever does it looks first at what is done already: running again goes on where this ended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from reconciler.model import ResourceId
from reconciler.providers.azure.fault import Cause, FaultError, refusal
from reconciler.providers.azure.patience import Patience
from reconciler.providers.port import DeniedError, Notify, PartialError, Progress, ProviderError

T = TypeVar("T")

AT_ONCE = 8
"""Devices that are written at the same time: the hub takes fifty a second."""
ATTEMPTS = 4
MOST_FAILURES = 10
"""When so many fail, the rest would too."""
SHOWN = 5
"""How many failures are named."""
STALE, MISSING = 412, 404
SPENT = "the time budget is spent"
_GOES_ON = "run again: it goes on from there"


@dataclass(slots=True)
class Ledger:
    """What became of each of many devices."""

    subject: ResourceId
    activity: str
    """In the present: `tagging devices`."""
    total: int
    notify: Notify
    patience: Patience
    done: int = 0
    failures: dict[str, ProviderError] = field(default_factory=dict)
    stopped: str = ""
    began: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.began = self.patience.now()
        if self.total:
            self.advance(0)

    @property
    def over(self) -> bool:
        """Whether nothing more may be begun."""
        if not self.stopped and self.patience.left <= 0:
            self.stopped = SPENT
        return bool(self.stopped)

    def advance(self, devices: int = 1) -> None:
        with self._lock:
            self.done += devices
            took = self.patience.now() - self.began
            self.notify(Progress(self.subject, self.activity, self.done, self.total, took))

    def fail(self, device: str, error: FaultError | ProviderError) -> None:
        """Take note; what would go wrong for the next device, too, ends the work."""
        if isinstance(error, FaultError):
            hopeless = error.fault.cause not in {Cause.ANSWERED, Cause.DROPPED}
            known = refusal(error.fault)
        else:
            hopeless, known = False, error
        if hopeless or isinstance(known, DeniedError):
            self.stopped = self.stopped or str(known)
        self.failures[device] = known
        if len(self.failures) >= MOST_FAILURES:
            self.stopped = self.stopped or "too many devices failed"

    def close(self) -> None:
        """Raise what is to be said, if not everything was done."""
        if not (self.failures or self.stopped):
            return
        if not self.done and self.total == len(self.failures) == 1:
            raise next(iter(self.failures.values()))
        denied = [e for e in self.failures.values() if isinstance(e, DeniedError)]
        if not self.done and denied:
            raise denied[0]
        raise PartialError("\n".join(self._said()), _GOES_ON)

    def _said(self) -> list[str]:
        reason = f": {self.stopped}" if self.stopped else ""
        lines = [f"{self.activity}: {self.done:,} of {self.total:,} done{reason}"]
        names = sorted(self.failures)
        lines += [f"{name}: {self.failures[name]}" for name in names[:SHOWN]]
        if names[SHOWN:]:
            lines.append(f"and {len(names) - SHOWN} more")
        return lines


def each(ledger: Ledger, devices: Iterable[str], do: Callable[[str], None]) -> None:
    """Several devices at a time, until all are done or nothing more may be begun."""
    queue, running = deque(devices), dict[Future[None], str]()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while queue or running:
            while queue and len(running) < AT_ONCE and not ledger.over:
                device = queue.popleft()
                running[pool.submit(do, device)] = device
            if not running:
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                _noted(ledger, running.pop(future), future)


def _noted(ledger: Ledger, device: str, future: Future[None]) -> None:
    try:
        future.result()
    except (FaultError, ProviderError) as error:
        ledger.fail(device, error)
    else:
        ledger.advance()


def again(patience: Patience, attempt: Callable[[], T]) -> T:
    """Look and write once more where what was seen had moved, or nobody knows what became of it."""
    return Retrying(
        sleep=patience.sleep,
        retry=retry_if_exception(_looks_again),
        wait=wait_exponential(multiplier=0.5, max=20),
        stop=stop_after_attempt(ATTEMPTS),
        reraise=True,
    )(attempt)


def _looks_again(error: BaseException) -> bool:
    """Whether it must be read again: it moved, or went, or nobody knows."""
    if not isinstance(error, FaultError):
        return False
    return error.fault.ambiguous or error.fault.status in {STALE, MISSING}
