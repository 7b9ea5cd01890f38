"""The hub's REST interface: decode, call, encode."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.routing import BaseRoute

from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.context import Context
from reconciler.emulator.endpoint import Call, Operation, endpoints
from reconciler.emulator.errors import Family
from reconciler.emulator.hub import switches, throttle
from reconciler.emulator.hub.access import Right, requires
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.switches import Switches
from reconciler.emulator.hub.throttle import Operations

NO_CONTENT = Answer(204, headers={"Content-Length": "0"})


@dataclass(frozen=True)
class Session:
    """One call inside its transaction."""

    call: Call
    db: sqlite3.Connection
    now: datetime
    switches: Switches

    @property
    def device_id(self) -> str:
        return self.call.parameters["device_id"]

    @property
    def module_id(self) -> str:
        return self.call.parameters.get("module_id", "")

    @property
    def id(self) -> str:
        return self.call.parameters["id"]

    @property
    def match(self) -> Match:
        return Match(self.call.headers.get("If-Match", "").strip())

    @property
    def hub(self) -> str:
        return self.call.context.identity.hub_name.partition(".")[0]

    def body(self) -> dict[str, Any]:
        return self.call.json()


Handle = Callable[[Session], Answer]


def guarded(
    context: Context, right: Right, class_: Operations, operations: list[Operation]
) -> list[BaseRoute]:
    """Routes that need a right and are throttled as one class of operations."""
    check = requires(right)

    def authorize(call: Call) -> None:
        check(call)
        with session(call) as opened:
            throttle.admit(opened.db, class_, 1, opened.now, opened.switches)

    return endpoints(context, operations, Family.HUB, authorize)


def handled(handle: Handle) -> Callable[[Call], Answer]:
    """A handler that works inside a transaction, and whose answer names the request."""

    def handler(call: Call) -> Answer:
        with session(call) as opened:
            return handle(opened).with_headers({"x-ms-request-id": str(uuid.uuid4())})

    return handler


@contextmanager
def session(call: Call) -> Iterator[Session]:
    context = call.context
    with context.store.transaction() as db:
        current = switches.current(db, context.settings)
        yield Session(call, db, context.clock.now(), current)


def tagged(content: dict[str, Any]) -> Answer:
    """With the ETag of the body in the header, quoted."""
    return json_answer(content, ETag=f'"{content["etag"]}"')
