"""Waiting for a build: often at first, seldom later, never for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from reconciler.providers.azure.patience import Patience
from reconciler.providers.port import ProviderError

T = TypeVar("T")
FIRST, LONGEST, GROWTH = 0.2, 5.0, 1.5
LIMIT = 3600.0
"""Seconds. A build goes on without us; the next run picks it up."""


def until(
    patience: Patience, what: str, look: Callable[[], T], done: Callable[[T], bool]
) -> Iterator[T]:
    """Each state that is seen, the last one the one that is `done`."""
    begin, pause = patience.now(), FIRST
    end = min(begin + LIMIT, patience.deadline)
    while True:
        state = look()
        yield state
        if done(state):
            return
        if patience.now() + pause > end:
            raise ProviderError(
                f"{what} is still building after {(patience.now() - begin) / 60:.0f} minutes",
                "it goes on by itself: run again, and this tool waits for the same build",
            )
        patience.sleep(pause)
        pause = min(pause * GROWTH, LONGEST)
