"""Every route goes wrong in every way, once and for ever: no run may end in anything but order.

`python -m tests.prove.faults` tries all of it and prints the page docs/fault-matrix.md. With
`--record FILE` it writes each result down, and goes on from there when it is started again.
"""

from __future__ import annotations

import math
import re
import sys
import tempfile
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from zlib import crc32

from reconciler.emulator import hub
from reconciler.emulator.hub.configurations import Writing, put
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.switches import Switches
from tests.emulator.hub.fleet import layer, module
from tests.emulator.workspace.rest import register
from tests.prove import fleet_before_and_after as fleets
from tests.prove.fault_matrix import FOR_EVER, ONCE, Result, Spot, page, recorded, written
from tests.prove.portrait import Portrait, portrait, repeated
from tests.prove.rig import Ran, Rig, rig
from tests.prove.routes import TEXT, Route, Trouble, routes
from tests.prove.verdict import Verdict, counted

NAME = "faults"
DEVICES = 5
BUDGET = 900
"""Seconds that an apply may wait, on the clock of the cloud."""
REAL = 90
"""Seconds that it may really take, with the short time-outs of this proof."""
ENVIRON = {"ACR_PASSWORD": "unused"}
APPLY = ("apply", "--auto-approve", "--time-budget", str(BUDGET))
DENIED, OK = 4, 0
ENDINGS = frozenset({0, 1, 4, 5, 8})
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """A state of the cloud from which one apply shows what goes wrong."""

    state: Path
    wanted: Portrait
    routes: Collection[Route]
    fresh: bool = False
    """Whether the worker must be a new one: it asks some things only once."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One route that goes wrong in one way."""

    scene: Scene
    route: Route
    trouble: Trouble
    times: int

    @property
    def spot(self) -> Spot:
        return self.route, self.trouble, self.times

    @property
    def lies(self) -> bool:
        """Whether the service says of something that it is there or not, and it is not so."""
        creates = self.trouble is Trouble.S409 and self.route.write
        return creates or self.trouble is Trouble.S404

    def __str__(self) -> str:
        often = "once" if self.times else "for ever"
        return f"{self.route} {self.trouble.value} {often}"


@dataclass(frozen=True, slots=True)
class Part:
    """What one process tries: every so-manieth of the cells that somebody asked for."""

    number: int
    of: int
    share: float = 1.0
    pattern: str = ""
    record: Path | None = None

    def cells(self, found: Iterable[Scene]) -> list[Cell]:
        every = _mixed(found)
        known = {result.spot for result in recorded(self.record)}
        asked = [c for c in every if c.spot not in known and re.search(self.pattern, str(c))]
        return asked[: math.ceil(self.share * len(every))][self.number :: self.of]


def scenes(rig: Rig, folder: Path) -> tuple[Scene, ...]:
    """The second apply of a fleet, and what only a first one or a new worker asks."""
    for number in range(1, DEVICES + 1):
        device = {"deviceId": f"gw-{number}", "edge": True, "tags": {"role": "gateway"}}
        rig.client.control("POST", "seed", {"devices": [device]})
    rig.client.control("POST", "registry/seed", {"repository": "bought", "tag": "1"})
    _others(rig)
    fleets.write(fleets.before(rig.login_server), rig.fleet)
    rig.commit("Before")
    rig.keep(folder / "empty")
    rig.run(*APPLY)
    rig.keep(folder / "before")
    fleets.write(fleets.after(rig.login_server), rig.fleet)
    rig.commit("After")
    second = _scene(rig, folder / "before")
    fresh = _scene(rig, folder / "before", second.routes, fresh=True)
    first = _scene(rig, folder / "empty", (*second.routes, *fresh.routes))
    return second, fresh, first


def _scene(rig: Rig, state: Path, known: Collection[Route] = (), *, fresh: bool = False) -> Scene:
    """What an undisturbed apply asks and leaves."""
    rig.back(state)
    if fresh:
        rig.workers.end()
    ran = rig.run(*APPLY)
    if ran.code != OK:
        raise AssertionError(ran.output)
    called = routes(rig.emulator.context.requests.summary())
    return Scene(state, portrait(rig), [r for r in called if r not in known], fresh)


def _others(rig: Rig) -> None:
    """What is not ours, and must stay as it is."""
    register(rig.client, "theirs", tags={"team": "b"})
    context = rig.emulator.context
    with context.store.transaction() as db:
        theirs = {
            "id": "theirs",
            "labels": {"team": "b"},
            "content": {"modulesContent": layer(camera=module("contoso.azurecr.io/camera:1"))},
            "targetCondition": "tags.role = 'camera'",
            "priority": 99,
        }
        put(db, "theirs", theirs, Writing(Match(), context.clock.now(), Switches()))
    hub.tick(context)


def tried(rig: Rig, cell: Cell) -> Result:
    """Let it go wrong, then right, and say what was not as it must be."""
    rig.back(cell.scene.state)
    if cell.scene.fresh:
        rig.workers.end()
    rig.emulator.context.faults.add(cell.route.fault(cell.trouble, times=cell.times))
    ran = rig.run(*APPLY)
    wrong = [*_judged(cell, ran)]
    rig.emulator.context.faults.clear()
    wrong += _recovered(rig, cell, ran)
    if not wrong:
        return Result(*cell.spot, ran.code)
    said = _indented(ran.output.rpartition("Plan digest")[2])
    return Result(*cell.spot, ran.code, "\n".join([f"{cell}: {'; '.join(wrong)}", said]))


def _judged(cell: Cell, ran: Ran) -> Iterator[str]:
    """The run that met the fault."""
    if ran.code not in ENDINGS:
        yield f"exit code {ran.code}"
    denied = cell.trouble in {Trouble.S401, Trouble.S403}
    if (ran.code == DENIED and not denied) or (denied and ran.code == 1):
        yield f"exit code {ran.code} is not what the answer means"
    if "Traceback" in ran.output or "unexpected:" in ran.output:
        yield "a traceback instead of a message"
    if ran.seconds > REAL or ran.waited > BUDGET:
        yield f"took {ran.seconds:.0f} s, waited {ran.waited:.0f} s"
    if ran.code != OK:
        yield from _told(cell, ran.output)


def _told(cell: Cell, output: str) -> Iterator[str]:
    """What a person is told of a run that failed."""
    if "hint: " not in output:
        yield "no remedy"
    bodiless = cell.route.method == "HEAD" or not cell.trouble.status or _lost_by_the_sdk(cell)
    if not (bodiless or cell.lies) and TEXT not in output:
        yield "not the service's own words"
    if not re.search(r"failed +[A-Z]\w+/|error: [\w ]+, [\w ]+|\w+/[\w-]+: ", output):
        yield "no object is named"


def _lost_by_the_sdk(cell: Cell) -> bool:
    """Its `Image.delete` breaks at a 412 with a TypeError, and the answer is gone."""
    deletes = cell.route.method == "DELETE" and cell.route.template.endswith("/images/{id}")
    return deletes and cell.trouble is Trouble.S412


def _recovered(rig: Rig, cell: Cell, ran: Ran) -> Iterator[str]:
    """What is there once nothing is in the way, after another run if the first one failed."""
    context = rig.emulator.context
    if ran.code != OK or cell.lies:
        again = rig.run(*APPLY)
        if again.code != OK:
            said = again.output.rpartition("Plan digest")[2]
            yield f"the next run ended with {again.code}: {_indented(said)}"
    empty = rig.run("plan", "--detailed-exitcode")
    if empty.code != OK:
        yield f"the plan after it is not empty: {_indented(empty.output)}"
    for name in ("configurations", "devices", "records"):
        ours, wanted = getattr(portrait(rig), name), getattr(cell.scene.wanted, name)
        if ours != wanted:
            odd = sorted(map(str, set(ours) ^ set(wanted)))
            yield f"other {name} than without the fault: {odd}"
    yield from repeated(rig)
    summary = context.requests.summary()
    yield from (f"the emulator: {what}" for what in (*summary["unknown"], *summary["crashes"]))


def cells(found: Iterable[Scene], troubles: Collection[Trouble]) -> Iterator[Cell]:
    for scene in found:
        for route in scene.routes:
            for trouble in troubles:
                for times in (ONCE, FOR_EVER):
                    yield Cell(scene, route, trouble, times)


@contextmanager
def prepared() -> Iterator[tuple[Rig, tuple[Scene, ...]]]:
    with (
        tempfile.TemporaryDirectory() as place,
        tempfile.TemporaryDirectory() as states,
        rig(Path(place), ENVIRON) as made,
    ):
        yield made, scenes(made, Path(states))


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def proved(folder: Path, share: float = 1.0, at_once: int = AT_ONCE) -> Verdict:
    """All cells, or a share of them that has something of every route and every trouble."""
    del folder  # each process keeps places of its own
    return verdict(results(share=share, at_once=at_once))


def results(
    share: float = 1.0, at_once: int = AT_ONCE, pattern: str = "", record: Path | None = None
) -> list[Result]:
    parts = [Part(number, at_once, share, pattern, record) for number in range(at_once)]
    known = recorded(record)
    if at_once == 1:
        return [*known, *_part(*parts)]
    # A process that was started, not forked: nothing of this one's threads and locks is in it.
    with ProcessPoolExecutor(at_once, get_context("spawn")) as pool:
        return [*known, *(result for found in pool.map(_part, parts) for result in found)]


def _part(part: Part) -> list[Result]:
    """With a cloud and a worker of its own."""
    with prepared() as (made, found):
        cells = part.cells(found)
        name = f"{NAME}, {part.number + 1}. process"
        outcomes = (written(tried(made, cell), part.record) for cell in cells)
        return list(counted(name, outcomes, len(cells)))


def verdict(found: Collection[Result]) -> Verdict:
    violations = tuple(result.violation for result in found if result.violation)
    codes = Counter(result.code for result in found)
    figures = ", ".join(f"{code}: {count}" for code, count in sorted(codes.items()))
    return Verdict(NAME, len(found), violations, f"exit codes {figures}", matrix(found))


def matrix(found: Iterable[Result]) -> str:
    return page({told.spot: told.code for told in found})


def main(arguments: Sequence[str]) -> int:
    """Print the page; only what matches, if something is asked for."""
    parser = ArgumentParser(prog="tests.prove.faults", description=__doc__)
    parser.add_argument("--record", type=Path)
    parser.add_argument("patterns", nargs="*")
    asked = parser.parse_args(arguments)
    found = results(pattern="|".join(asked.patterns), record=asked.record)
    told = verdict(found)
    sys.stderr.writelines(f"{line}\n" for line in (str(told), *told.violations))
    sys.stdout.write(told.details)
    return 1 if told.violations else 0


def _mixed(found: Iterable[Scene]) -> list[Cell]:
    """In an order that is always the same and nobody's: any part of it has something of all."""
    return sorted(
        cells(found, tuple(Trouble)), key=lambda cell: (crc32(str(cell).encode()), str(cell))
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
