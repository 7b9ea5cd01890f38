"""Every route goes wrong in every way, once and for ever: no run may end in anything but order.

`python -m tests.prove.faults` tries all of it and prints the table of docs/proofs.md.
"""

from __future__ import annotations

import math
import re
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from reconciler.emulator import hub
from reconciler.emulator.hub.configurations import Writing, put
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.switches import Switches
from tests.emulator.hub.fleet import layer, module
from tests.emulator.workspace.rest import register
from tests.prove import fleet_before_and_after as fleets
from tests.prove.portrait import Portrait, portrait, repeated
from tests.prove.rig import Ran, Rig, rig
from tests.prove.routes import TEXT, Route, Trouble, routes
from tests.prove.verdict import Verdict

NAME = "faults"
DEVICES = 5
BUDGET = 900
"""Seconds that an apply may wait, on the clock of the cloud."""
REAL = 90
"""Seconds that it may really take, with the short time-outs of this proof."""
ENVIRON = {"ACR_PASSWORD": "unused"}
APPLY = ("apply", "--auto-approve", "--time-budget", str(BUDGET))
DENIED, PARTIAL, OK = 4, 8, 0
ENDINGS = frozenset({0, 1, 4, 5, 8})
ONCE, FOR_EVER = 1, 0


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
    def lies(self) -> bool:
        """Whether the service says of something that it is there or not, and it is not so."""
        creates = self.trouble is Trouble.S409 and self.route.write
        return creates or self.trouble is Trouble.S404

    def __str__(self) -> str:
        often = "once" if self.times else "for ever"
        return f"{self.route} {self.trouble.value} {often}"


@dataclass(slots=True)
class Matrix:
    """What became of each cell, and everything that must not have been."""

    codes: dict[tuple[Route, Trouble, int], int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)

    def table(self) -> Iterator[str]:
        """Markdown: a row per route; in each field the exit codes of once / for ever."""
        troubles = [trouble.value for trouble in Trouble]
        yield f"| route | {' | '.join(troubles)} |"
        yield f"|---|{':-:|' * len(troubles)}"
        for route in sorted({route for route, _, _ in self.codes}):
            fields = (self._field(route, trouble) for trouble in Trouble)
            yield f"| `{route}` | {' | '.join(fields)} |"

    def _field(self, route: Route, trouble: Trouble) -> str:
        found = (self.codes.get((route, trouble, times)) for times in (ONCE, FOR_EVER))
        return "/".join("" if code is None else str(code) for code in found)


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


def tried(rig: Rig, cell: Cell, matrix: Matrix) -> None:
    """Let it go wrong, then right, and write down what was not as it must be."""
    rig.back(cell.scene.state)
    if cell.scene.fresh:
        rig.workers.end()
    rig.emulator.context.faults.add(cell.route.fault(cell.trouble, times=cell.times))
    ran = rig.run(*APPLY)
    matrix.codes[cell.route, cell.trouble, cell.times] = ran.code
    wrong = [*_judged(cell, ran)]
    rig.emulator.context.faults.clear()
    wrong += _recovered(rig, cell, ran)
    if wrong:
        said = _indented(ran.output.rpartition("Plan digest")[2])
        matrix.violations.append("\n".join([f"{cell}: {'; '.join(wrong)}", said]))


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


def proved(folder: Path, share: float = 1.0) -> Verdict:
    """All cells, or as many as that, of every route and every trouble."""
    del folder  # it keeps places of its own
    result = Matrix()
    with prepared() as (made, found):
        every = _mixed(found)
        for cell in every[: math.ceil(share * len(every))]:
            tried(made, cell, result)
    return Verdict(NAME, len(result.codes), tuple(result.violations))


def main(patterns: Collection[str]) -> int:
    """Try the cells whose names match one of the patterns; all, if there is none."""
    result, seen = Matrix(), 0
    with prepared() as (made, found):
        for cell in _mixed(found):
            if not patterns or any(re.search(pattern, str(cell)) for pattern in patterns):
                tried(made, cell, result)
                sys.stderr.write(f"{result.codes[cell.route, cell.trouble, cell.times]} {cell}\n")
                sys.stderr.writelines(f"{line}\n" for line in result.violations[seen:])
                seen = len(result.violations)
    sys.stdout.write("\n".join([*result.table(), ""]))
    return 1 if result.violations else 0


def _mixed(found: Iterable[Scene]) -> list[Cell]:
    """In an order that is always the same and nobody's: any part of it has something of all."""
    return sorted(
        cells(found, tuple(Trouble)), key=lambda cell: (crc32(str(cell).encode()), str(cell))
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
