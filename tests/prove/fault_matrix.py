"""The page docs/fault-matrix.md: how an apply ended that met each fault on each route."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.prove.routes import Route, Trouble

ONCE, FOR_EVER = 1, 0
Spot: TypeAlias = tuple[Route, Trouble, int]
"""A field of the matrix, and how often it goes wrong there."""
Codes: TypeAlias = Mapping[Spot, int]
HEAD = """# Fault matrix

This page is written by the proof itself: `python -m tests.prove.faults > docs/fault-matrix.md`. \
[What it tries, and what must hold](proofs.md#faults).

Each field is one apply of a commit that asks for every kind of change, with one route going wrong \
in one way: first once, then, after the stroke, for as long as the run lasts. `ok` is a run that \
ended with 0: it converged. A number is the exit code: 4 denied, 5 refused before any write, \
8 applied in part, 1 nothing could be read or begun. `-` was not tried by the run that wrote this \
page. Wherever it is not `ok`, the same command \
without the fault ended with 0 and left what an undisturbed run leaves.

`time-out`: no answer, and the connection cut at last. `drop`: cut before the service has read \
the request. `lost`: carried out, and the answer cut off. All routes are the services' own; \
`WORKSPACE` stands for the workspace's resource id.
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one field, and what must not have been."""

    route: Route
    trouble: Trouble
    times: int
    code: int
    violation: str = ""

    @property
    def spot(self) -> Spot:
        return self.route, self.trouble, self.times


def recorded(record: Path | None) -> list[Result]:
    """What was tried before and written down, line by line."""
    if record is None or not record.exists():
        return []
    return [_result(*json.loads(line)) for line in record.read_text("utf-8").splitlines()]


def written(result: Result, record: Path | None) -> Result:
    """The same, after it was written down; what is wrong is told at once."""
    if result.violation:
        sys.stderr.write(f"{result.violation}\n")
    if record is not None:
        route, trouble = result.route, result.trouble
        spot = [route.method, route.template, trouble.value, result.times]
        with record.open("a", encoding="utf-8") as file:
            file.write(json.dumps([*spot, result.code, result.violation]) + "\n")
    return result


def _result(method: str, template: str, trouble: str, times: int, *became: int | str) -> Result:
    code, violation = became
    return Result(Route(method, template), Trouble(trouble), times, int(code), str(violation))


def page(codes: Codes) -> str:
    return "\n".join([HEAD, *_table(codes), ""])


def _table(codes: Codes) -> Iterator[str]:
    """A row per route; in each field how it ended, once / for ever."""
    yield f"| route | {' | '.join(trouble.value for trouble in Trouble)} |"
    yield f"|---|{':-:|' * len(Trouble)}"
    for route in sorted({route for route, _, _ in codes}):
        fields = (_field(codes, route, trouble) for trouble in Trouble)
        yield f"| `{route}` | {' | '.join(fields)} |"


def _field(codes: Codes, route: Route, trouble: Trouble) -> str:
    return "/".join(_ending(codes.get((route, trouble, times))) for times in (ONCE, FOR_EVER))


def _ending(code: int | None) -> str:
    match code:
        case None:
            return "-"
        case 0:
            return "ok"
        case _:
            return str(code)
