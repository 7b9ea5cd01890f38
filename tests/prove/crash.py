"""Killed at any request, the next run ends where an undisturbed one would have.

A run is killed with SIGKILL before and after each request that it sends: at the N-th one the
emulated cloud stops answering, either before or after it has carried the request out, and the
process is killed while it waits. Then the same command runs again, without any fault.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from reconciler.emulator.faults import Fault
from reconciler.emulator.server import Running
from tests.prove.ending import baseless, differences, ending, theirs, twice
from tests.prove.scene import Checkout, prepared
from tests.prove.verdict import Verdict, counted

NAME = "crash"
ROTATED = "second"
"""The password of an emulated registry; it was "first" before."""
LEASE = "reconciler-lease-"
WORK = f"^(?!.*{LEASE})"
"""Every request but the lease's, which a thread of its own sends when its time comes."""
AT_ONCE = 3
"""Each of them waits half of its time, for the lease of the run that was killed."""
STEP = 0.01
NEVER = 10**9


@dataclass(frozen=True)
class Point:
    """The N-th request that matches, before or after it was carried out."""

    match: str
    number: int
    after: bool

    def __str__(self) -> str:
        sort = "request of the lease" if self.match == LEASE else "request"
        return f"{'after' if self.after else 'before'} {sort} {self.number}"

    @property
    def fault(self) -> Fault:
        return Fault(self.match, hold=not self.after, hold_after=self.after, skip=self.number)


@dataclass(frozen=True)
class Undisturbed:
    """A run that nothing happens to: how many requests there are to die at, and what comes out."""

    points: tuple[Point, ...]
    end: dict[str, Any]
    theirs: dict[str, Any]


def proved(folder: Path, share: float = 1.0) -> Verdict:
    """At every point, or at a share of them that is spread evenly."""
    checkout = prepared(folder / "prepared")
    wanted = undisturbed(checkout.copied_to(folder / "undisturbed"))
    points = _spread(wanted.points, share)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = pool.map(partial(_tried, checkout, wanted, folder), points)
        tried = list(counted(NAME, outcomes, len(points)))
    violations = tuple(said for outcome in tried for said in outcome.violations)
    return Verdict(NAME, sum(outcome.killed for outcome in tried), violations)


def undisturbed(checkout: Checkout) -> Undisturbed:
    with checkout.cloud() as emulator:
        untouched = theirs(emulator)
        for match in (WORK, LEASE):
            emulator.context.faults.add(Fault(match, hold=True, skip=NEVER))
        code, said = checkout.apply(ROTATED)
        if code:
            raise RuntimeError(said)
        passed = {rule["match"]: rule["passed"] for rule in emulator.context.faults.rules()}
        end = ending(emulator)
        if problems := [*_wrong(emulator, end, untouched)]:
            raise RuntimeError(f"an undisturbed run went wrong: {problems}")
    points = [
        Point(match, number, after)
        for match, count in passed.items()
        for number in range(count)
        for after in (False, True)
    ]
    return Undisturbed(tuple(points), end, untouched)


@dataclass(frozen=True)
class _Outcome:
    killed: bool
    violations: tuple[str, ...]


def _tried(checkout: Checkout, wanted: Undisturbed, folder: Path, point: Point) -> _Outcome:
    place = folder / str(point).replace(" ", "-")
    copy = checkout.copied_to(place)
    with copy.cloud() as emulator:
        emulator.context.faults.add(point.fault)
        killed = _killed(copy, emulator)
        emulator.context.faults.clear()
        code, said = copy.apply(ROTATED)
        end = ending(emulator)
        problems = [
            *([f"the next run ended with {code}: {said}"] if code else []),
            *differences(end, wanted.end),
            *_wrong(emulator, end, wanted.theirs),
        ]
    shutil.rmtree(place)
    return _Outcome(killed, tuple(f"{point}: {problem}" for problem in problems))


def _wrong(emulator: Running, end: dict[str, Any], untouched: dict[str, Any]) -> Iterator[str]:
    """What must not be, whatever happened."""
    yield from twice(end)
    yield from baseless(emulator)
    yield from differences(theirs(emulator), untouched)
    yield from (
        f"the emulator crashed: {said}" for said in emulator.context.requests.summary()["crashes"]
    )


def _killed(checkout: Checkout, emulator: Running) -> bool:
    """Whether the run came to the point; if so it is dead now."""
    process = checkout.applying(ROTATED)
    while process.poll() is None and not emulator.context.faults.held:
        time.sleep(STEP)
    killed = process.poll() is None
    process.kill()
    process.communicate()
    return killed


def _spread(points: Sequence[Point], share: float) -> Sequence[Point]:
    count = max(1, round(len(points) * share))
    return [points[(2 * n + 1) * len(points) // (2 * count)] for n in range(count)]
