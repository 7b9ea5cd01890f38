"""How often, how long and how fast something is tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_any,
    retry_if_exception,
    wait_exponential,
    wait_random,
)

from reconciler.providers.azure.fault import FaultError

T = TypeVar("T")

BUDGET = 900.0
"""Seconds that one request may take with all its repetitions: below a CI job's time limit."""
THROTTLE = wait_exponential(multiplier=10, max=120) + wait_random(0, 5)
"""The hub's 429 says "wait 10 seconds" in its text and nothing in its headers."""
HICCUP = wait_exponential(multiplier=0.5, max=20) + wait_random(0, 0.5)
HICCUPS = 5
"""How often a read is repeated after an answer that was lost or a 5xx."""


@dataclass(frozen=True, slots=True)
class Patience:
    """The clock, handed in, and what is made of it. `now` is in seconds since the epoch."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    budget: float = field(default=BUDGET)
    deadline: float = field(default=float("inf"))
    """Nothing is tried again after this moment: the time budget of the whole run."""
    answer: float = field(default=60.0)
    """Seconds that a service may take for one answer."""

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - self.now()

    def pause(self, number: int) -> None:
        """Before a write is sent again whose answer was lost: longer each time."""
        self.sleep(min(0.5 * 2**number, 20.0))

    def read(self, call: Callable[[], T]) -> T:
        """Call until it answers: a read may be repeated after any failure that can pass."""
        return self._retrying(_passing)(call)

    def write(self, call: Callable[[], T]) -> T:
        """Call until it is let through: only a throttled write is known not to have happened."""
        return self._retrying(_throttled)(call)

    def _retrying(self, passes: Callable[[BaseException], bool]) -> Retrying:
        end = min(self.now() + self.budget, self.deadline)
        return Retrying(
            sleep=self.sleep,
            retry=retry_any(retry_if_exception(passes), _first_refusal),
            wait=_wait,
            stop=lambda state: self._over(state, end),
            reraise=True,
        )

    def _over(self, state: RetryCallState, end: float) -> bool:
        tired = state.attempt_number > HICCUPS and not _was_throttled(state)
        return tired or self.now() + state.upcoming_sleep > end


def _passing(error: BaseException) -> bool:
    return isinstance(error, FaultError) and (error.fault.ambiguous or error.fault.throttled)


def _throttled(error: BaseException) -> bool:
    return isinstance(error, FaultError) and error.fault.throttled


def _first_refusal(state: RetryCallState) -> bool:
    """A token can expire between two requests: a client that signs in again may be let in."""
    error = state.outcome.exception() if state.outcome else None
    refused = isinstance(error, FaultError) and error.fault.unauthorized
    return refused and state.attempt_number == 1


def _wait(state: RetryCallState) -> float:
    if _first_refusal(state):
        return 0.0
    return (THROTTLE if _was_throttled(state) else HICCUP)(state)


def _was_throttled(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome else None
    return error is not None and _throttled(error)
