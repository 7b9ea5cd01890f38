"""What goes through the pipe: one JSON object per line, a request down, an answer up.

Secrets go through it as values, and nowhere else: not in arguments, variables or logs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from queue import SimpleQueue
from threading import Event, Thread
from typing import IO, Any

from reconciler.providers.azure.fault import Cause, Fault

SERVICE = "workspace"
_SENT = "sent "
"""What a line begins with that is not an answer."""
MODULE = "reconciler.providers.azure.workspace.worker"


@dataclass(frozen=True, slots=True)
class Request:
    operation: str
    arguments: dict[str, Any] = field(default_factory=dict, repr=False)
    token: str | None = field(default=None, repr=False)
    """A fresh access token, where the identity is not the worker's own."""

    @property
    def doing(self) -> str:
        """For people: the operation and what it is about."""
        subject = self.arguments.get("name") or self.arguments.get("id") or ""
        return f"{self.operation} {subject}".strip()

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def of(cls, line: str) -> Request:
        return cls(**json.loads(line))


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation gave, or its fault, and what it cost."""

    result: Any = field(default=None, repr=False)
    fault: Fault | None = None
    reads: int = 0
    writes: int = 0

    def line(self) -> str:
        told = asdict(self)
        if self.fault:
            told["fault"]["cause"] = self.fault.cause.value
        return json.dumps(told) + "\n"

    @classmethod
    def of(cls, line: str) -> Answer:
        told = json.loads(line)
        fault = told.pop("fault")
        if fault:
            fault = Fault(**{**fault, "cause": Cause(fault["cause"])})
        return cls(fault=fault, **told)


@dataclass(frozen=True, slots=True)
class Sent:
    """A sign of life before the answer: what was uploaded so far."""

    size: int
    """Bytes."""
    files: int
    """Complete ones."""

    def line(self) -> str:
        return f"{_SENT}{json.dumps(asdict(self))}\n"

    @classmethod
    def of(cls, line: str) -> Sent | None:
        """None for a line that is an answer."""
        return cls(**json.loads(line[len(_SENT) :])) if line.startswith(_SENT) else None


def unheard(_sent: Sent) -> None:
    """For requests that upload nothing worth a word."""


def attended(requests: IO[str], abandoned: Callable[[], None]) -> Iterator[str]:
    """The lines as they come; `abandoned` is called when they end while one is worked on."""
    lines: SimpleQueue[str | None] = SimpleQueue()
    working = Event()

    def read() -> None:
        for line in requests:
            working.set()
            lines.put(line)
        if working.is_set():
            abandoned()
        lines.put(None)

    Thread(target=read, daemon=True).start()
    while (line := lines.get()) is not None:
        yield line
        working.clear()
