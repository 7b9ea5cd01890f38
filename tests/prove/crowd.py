"""Two applies of different commits at once: one wins, whole, and the other says why it did not.

Both run against one emulated cloud that answers some requests late. Whatever the order, the end
is what one of the two commits asks for, and a last apply of it finds nothing to do.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from reconciler.cli.exits import Exit
from reconciler.emulator.faults import Fault
from reconciler.emulator.server import Running
from tests.prove.ending import baseless, differences, ending, theirs, twice
from tests.prove.scene import SERVER, Checkout, Spec, after, deployment, prepared
from tests.prove.verdict import Verdict, counted

NAME = "two-at-once"
ROUNDS = 20
LEASE_SECONDS = 5
ROTATED = "second"
COMMIT = re.compile(r'\\*"reconciler-commit\\*": ?\\*"\w*\\*",? ?')
CODES = {Exit.OK, Exit.REFUSED, Exit.LOCKED, Exit.PARTIAL}
DELAYS = 40
LAG = 4.0
"""Seconds by which one may start later."""
EVEN = 0.5
LONGEST = 1.0
"""Seconds: the slowest answer, well below what a lease lasts."""
SPREAD = 120
"""Requests of a run, about: among so many the slow ones are spread."""


@dataclass
class Chance:
    """Numbers that look drawn, and are the same for the same seed."""

    seed: int
    drawn: Iterator[int] = field(default_factory=count)

    def fraction(self) -> float:
        text = f"{self.seed}/{next(self.drawn)}"
        return int.from_bytes(sha256(text.encode()).digest()[:6], "big") / 2**48


@dataclass(frozen=True)
class Contest:
    """The same repository at two commits, the second a child of the first."""

    older: Checkout
    newer: Checkout


def proved(folder: Path, rounds: int = ROUNDS, seed: int = 0) -> Verdict:
    contest = _contest(folder)
    ends = [_end(checkout, folder / "alone") for checkout in (contest.older, contest.newer)]
    chance = Chance(seed)
    violations = []
    counts: dict[str, int] = {}
    for number in counted(NAME, range(rounds), rounds):
        codes, said = _round(contest, folder / f"round-{number}", ends, chance)
        counts[codes] = counts.get(codes, 0) + 1
        violations += [f"round {number} ({codes}): {problem}" for problem in said]
    figures = ", ".join(f"{codes}: {count}" for codes, count in sorted(counts.items()))
    return Verdict(NAME, rounds, tuple(violations), f"exit codes {figures}")


def _contest(folder: Path) -> Contest:
    older = prepared(folder / "older")
    older.write(_with_long_lease(after()))
    older.commit("The older wish")
    newer = Checkout(folder / "newer")
    shutil.copytree(older.path, newer.path, symlinks=True)
    newer.write(_with_long_lease(_newer()))
    newer.commit("The newer wish")
    return Contest(older, newer)


def _newer() -> dict[str, Spec]:
    documents = after()
    del documents["Deployment rotated"]
    return {
        **documents,
        "Model weights": {"path": "weights.txt", "tags": {"team": "night"}},
        "DeviceGroup line": {"devices": ["gw-3", "gw-4"]},
        "Deployment base": {
            **documents["Deployment base"],
            "modules": {"sensor": {"image": f"{SERVER}/sensor:3"}},
        },
        "Deployment steady": deployment("layer", "gateways", 54, steady=f"{SERVER}/steady:2"),
        "Deployment newcomer": deployment("layer", "gateways", 80, new=f"{SERVER}/new:1"),
    }


def _with_long_lease(documents: dict[str, Spec]) -> dict[str, Spec]:
    environment = documents["Environment local"]
    policy = {**environment["policy"], "leaseSeconds": LEASE_SECONDS}
    return {**documents, "Environment local": {**environment, "policy": policy}}


def _end(checkout: Checkout, path: Path) -> dict[str, Any]:
    copy = checkout.copied_to(path)
    with copy.cloud() as emulator:
        code, said = copy.apply(ROTATED)
        if code:
            raise RuntimeError(said)
        end = ending(emulator)
    shutil.rmtree(path)
    return end


def _round(
    contest: Contest, path: Path, ends: list[dict[str, Any]], chance: Chance
) -> tuple[str, list[str]]:
    older = contest.older.copied_to(path / "older")
    newer = contest.newer.copied_to(path / "newer")
    with older.cloud() as emulator:
        older.share_cloud_with(newer)
        untouched = theirs(emulator)
        for fault in _delays(chance):
            emulator.context.faults.add(fault)
        processes = {}
        for checkout in [older, newer] if chance.fraction() < EVEN else [newer, older]:
            processes[checkout.path.name] = checkout.applying(ROTATED)
            time.sleep(chance.fraction() * LAG)
        for process in processes.values():
            process.communicate()
        codes = {name: process.returncode for name, process in processes.items()}
        emulator.context.faults.clear()
        problems = list(_problems(emulator, codes, ends, untouched))
    shutil.rmtree(path)
    return f"older {codes['older']} newer {codes['newer']}", problems


def _problems(
    emulator: Running, codes: dict[str, int], ends: list[dict[str, Any]], untouched: dict[str, Any]
) -> Iterator[str]:
    end = _owned(ending(emulator))
    if not set(codes.values()) <= CODES:
        yield f"exit codes {codes}"
    wanted = [_owned(each) for each in ends]
    if end not in wanted:
        for name, each in zip(("older", "newer"), wanted, strict=True):
            yield from (f"not the {name}: {told}" for told in differences(end, each))
    yield from twice(end)
    yield from baseless(emulator)
    yield from differences(theirs(emulator), untouched)


def _owned(end: dict[str, Any]) -> dict[str, Any]:
    """Without the commit that wrote a deployment last: what both want, either may have written."""
    found: dict[str, Any] = json.loads(COMMIT.sub("", json.dumps(end)))
    return found


def _delays(chance: Chance) -> Iterator[Fault]:
    """Each counts the requests that came through the ones before it."""
    for _ in range(DELAYS):
        yield Fault("", skip=int(chance.fraction() * SPREAD), delay=chance.fraction() * LONGEST)
