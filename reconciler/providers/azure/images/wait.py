"""Waiting for the end of a build, with a sign of life every few seconds."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.model import ResourceId, State
from reconciler.providers.azure.poll import until
from reconciler.providers.azure.surroundings import Surroundings
from reconciler.providers.azure.workspace.client import Item
from reconciler.providers.port import Progress

EVERY = 3.0
"""Seconds between two signs of life that say the same."""
_STATES = {
    "Succeeded": State.READY,
    "Failed": State.FAILED,
    "TimedOut": State.FAILED,
    "Cancelled": State.FAILED,
}


def state_of(build: Item) -> State:
    return _STATES.get(build["state"], State.PENDING)


def awaited(given: Surroundings, subject: ResourceId, what: str, look: Callable[[], Item]) -> Item:
    """The state in which a build ended. Its log's address is told without its signature."""
    begin = told_at = given.patience.now()
    told, build = "", Item()
    for build in until(
        given.patience, what, look, lambda item: state_of(item) is not State.PENDING
    ):
        now = given.patience.now()
        activity = f"building (log: {build['log'].partition('?')[0] or 'none yet'})"
        if activity != told or now - told_at >= EVERY:
            told, told_at = activity, now
            given.notify(Progress(subject, activity, seconds=now - begin))
    return build
