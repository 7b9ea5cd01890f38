"""`/_emulator/`: what a test or a demo does to the emulated cloud itself."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.routing import BaseRoute

from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.context import Context
from reconciler.emulator.endpoint import Call, endpoints, reads, writes
from reconciler.emulator.errors import Family, ServiceError
from reconciler.emulator.faults import Fault

Tick = Callable[[Context], None]
Seed = Callable[[Context, list[dict[str, Any]]], int]


@dataclass(frozen=True)
class Control:
    """The services' background work and the way devices are seeded."""

    ticks: tuple[Tick, ...]
    seed: Seed

    def tick(self, context: Context) -> None:
        for tick in self.ticks:
            tick(context)

    def routes(self, context: Context) -> list[BaseRoute]:
        operations = [
            reads("Health", "GET", "/_emulator/health", _health),
            writes("Reset", "POST", "/_emulator/reset", _reset),
            writes("Seed", "POST", "/_emulator/seed", self._seed),
            reads("Requests", "GET", "/_emulator/requests", _requests),
            writes("ClearRequests", "DELETE", "/_emulator/requests", _clear_requests),
            reads("Faults", "GET", "/_emulator/faults", _faults),
            writes("AddFault", "POST", "/_emulator/faults", _add_faults),
            writes("ClearFaults", "DELETE", "/_emulator/faults", _clear_faults),
            reads("Clock", "GET", "/_emulator/clock", _clock),
            writes("MoveClock", "POST", "/_emulator/clock", _move_clock),
            writes("Tick", "POST", "/_emulator/tick", self._tick),
            reads("Snapshot", "GET", "/_emulator/snapshot", _snapshot),
        ]
        return endpoints(context, operations, Family.CONTROL)

    def _seed(self, call: Call) -> Answer:
        """Takes `{"devices": [...]}`, a list, or one JSON object a line."""
        return json_answer({"devices": self.seed(call.context, devices(call.body))})

    def _tick(self, call: Call) -> Answer:
        self.tick(call.context)
        return _clock(call)


def devices(body: bytes) -> list[dict[str, Any]]:
    """The devices to seed, from a JSON document or from JSON lines."""
    try:
        content = json.loads(body)
    except ValueError:
        content = _lines(body)
    if isinstance(content, dict) and "devices" in content:
        content = content["devices"]
    found = content if isinstance(content, list) else [content]
    if not all(isinstance(device, dict) for device in found):
        raise ServiceError(400, "BadSeed", "a device is a JSON object")
    return found


def _lines(body: bytes) -> list[Any]:
    try:
        return [json.loads(line) for line in body.splitlines() if line.strip()]
    except ValueError as error:
        raise ServiceError(400, "BadSeed", f"neither JSON nor JSON lines: {error}") from error


def _health(call: Call) -> Answer:
    return json_answer({"status": "ok", "now": call.context.clock.now().isoformat()})


def reset(context: Context) -> None:
    """Forget everything but the time, the names and the keys."""
    now = context.clock.now()
    context.store.reset()
    context.clock.set(now)
    context.faults.clear()
    context.requests.clear()
    shutil.rmtree(context.contents.folder, ignore_errors=True)
    context.contents.folder.mkdir(parents=True, exist_ok=True)


def _reset(call: Call) -> Answer:
    reset(call.context)
    return _health(call)


def _requests(call: Call) -> Answer:
    return json_answer(call.context.requests.summary())


def _clear_requests(call: Call) -> Answer:
    call.context.requests.clear()
    return _requests(call)


def _faults(call: Call) -> Answer:
    faults = call.context.faults
    return json_answer({"rules": faults.rules(), "held": faults.held})


def _add_faults(call: Call) -> Answer:
    """One rule, or `{"rules": [...]}`."""
    content = call.json()
    try:
        faults = [Fault(**rule) for rule in content.get("rules", [content])]
        for fault in faults:
            re.compile(fault.match)
    except (TypeError, re.error) as error:
        raise ServiceError(400, "BadFault", str(error)) from error
    for fault in faults:
        call.context.faults.add(fault)
    return _faults(call)


def _clear_faults(call: Call) -> Answer:
    call.context.faults.clear()
    return _faults(call)


def _clock(call: Call) -> Answer:
    return json_answer({"now": call.context.clock.now().isoformat()})


def _move_clock(call: Call) -> Answer:
    """`{"advance": seconds}` or `{"now": "2026-01-01T00:00:00+00:00"}`."""
    match call.json():
        case {"advance": int() | float() as seconds}:
            call.context.clock.advance(seconds)
        case {"now": str() as moment}:
            call.context.clock.set(datetime.fromisoformat(moment))
        case _:
            raise ServiceError(400, "BadClock", 'give {"advance": seconds} or {"now": ISO time}')
    return _clock(call)


def _snapshot(call: Call) -> Answer:
    content = json.dumps(call.context.store.snapshot(), sort_keys=True, indent=1)
    return Answer(body=content.encode())
