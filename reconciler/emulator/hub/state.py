"""What a simulated device remembers: images, pulls under way and containers."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from reconciler.emulator.hub.wire import NEVER, dump, load, moment

RUNNING, STOPPED, BACKOFF, FAILED = "running", "stopped", "backoff", "failed"
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=5)


@dataclass
class Container:
    """`next_start` is set while a crashed container waits."""

    identity: str
    spec: dict[str, Any]
    system: bool
    image_hash: str
    status: str = STOPPED
    started: str = NEVER
    exited: str = NEVER
    restarted: str = NEVER
    restarts: int = 0
    exit_code: int = 0
    next_start: datetime | None = None

    def start(self, now: datetime) -> None:
        self.status, self.started, self.next_start = RUNNING, moment(now), None
        self.exit_code = 0

    def crash(self, now: datetime, *, again: bool) -> None:
        """It ran for a moment and exited; `again` when its policy has it restarted."""
        if self.next_start is not None:
            self.restarts += 1
            self.restarted = self.started = moment(now)
        self.exit_code, self.exited = 1, moment(now)
        self.status = BACKOFF if again else FAILED
        pause = min(FIRST_PAUSE * 2 ** min(self.restarts, 10), LONGEST_PAUSE)
        self.next_start = now + pause if again else datetime.max.replace(tzinfo=now.tzinfo)


@dataclass
class State:
    """`images` maps references to hashes; `pulls` to when each began and when it is next looked at.

    What was pulled stays: a tag that moves in the registry moves nothing here.
    """

    images: dict[str, str] = field(default_factory=dict)
    pulls: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    containers: dict[str, Container] = field(default_factory=dict)

    def copy(self) -> State:
        return deepcopy(self)

    def as_text(self) -> str:
        told = asdict(self)
        told["pulls"] = {
            image: [each.isoformat() for each in times] for image, times in self.pulls.items()
        }
        for container in told["containers"].values():
            at = container["next_start"]
            container["next_start"] = at and at.isoformat()
        return dump(told)


def stored(text: str) -> State:
    told = load(text)
    pulls = {
        image: (datetime.fromisoformat(since), datetime.fromisoformat(ready))
        for image, (since, ready) in told.get("pulls", {}).items()
    }
    containers = {
        name: Container(**{**cells, "next_start": _moment(cells["next_start"])})
        for name, cells in told.get("containers", {}).items()
    }
    return State(told.get("images", {}), pulls, containers)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
