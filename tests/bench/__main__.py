"""`python -m tests.bench [DOCUMENTS]...`: measure, and print one table.

Every measurement is a process of its own; ours and its peer's take turns, so that whatever else
the machine does meets both.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.documents import write_fleet, write_zones
from tests.bench.history import write_history
from tests.bench.watch import Cost, measured
from tests.cli.cloud import running
from tests.e2e.checkout import Checkout

REPETITIONS = {1_000: 5, 10_000: 3, 100_000: 2}
"""By number of documents."""
PEER_UP_TO = 10_000
"""Documents; beyond that the peer takes minutes, and its growth is known."""
HEAD = ("what", "lines", "wall s", "median", "CPU s", "us/line", "per 10x", "peak MiB")
WIDTHS = (44, 10, 8, 8, 8, 8, 8, 9)
START, VALIDATE, PLAN = "reconciler --version", "reconciler validate", "reconciler no-op plan"
PEER = "octoDNS no-op plan"
PARSE, COLD = "validate --rev, 5,000 commits", "preview of one file, cold"
WARM, NOTHING = "preview of one file, warm", "preview, no document changed, cold"


@dataclass(frozen=True, slots=True)
class Job:
    """Something to measure, and how many lines of YAML it reads."""

    title: str
    command: Sequence[str]
    lines: int = 0
    folder: Path | None = None
    before: Callable[[], object] = lambda: None
    """Done before each measurement, and not measured."""


@dataclass(frozen=True, slots=True)
class Row:
    job: Job
    costs: Sequence[Cost]

    @property
    def cpu(self) -> float:
        return min(cost.cpu for cost in self.costs)

    @property
    def per_line(self) -> float:
        """Seconds of CPU; the whole where nothing is read."""
        return self.cpu / (self.job.lines or 1)

    @property
    def peak(self) -> float:
        return min(cost.peak for cost in self.costs)

    def cells(self, smaller: Row | None) -> Iterator[str]:
        walls = [cost.wall for cost in self.costs]
        yield self.job.title
        yield f"{self.job.lines:,}" if self.job.lines else ""
        yield from (f"{seconds:.2f}" for seconds in (min(walls), median(walls), self.cpu))
        yield f"{1e6 * self.per_line:.1f}" if self.job.lines else ""
        yield f"{10 * self.per_line / smaller.per_line:.1f}" if smaller else ""
        yield f"{self.peak:.0f}"


def run(jobs: Sequence[Job], repetitions: int) -> list[Row]:
    """All jobs once, then all again: no job has the quiet minute for itself."""
    rounds = [[_measured(job) for job in jobs] for _ in range(repetitions)]
    return [Row(job, [costs[n] for costs in rounds]) for n, job in enumerate(jobs)]


def _measured(job: Job) -> Cost:
    job.before()
    return measured(*job.command, folder=job.folder)


def sized(work: Path, documents: int) -> list[Row]:
    fleet, zones = work / f"fleet-{documents}", work / f"zones-{documents}"
    lines = write_fleet(fleet, documents)
    command = ("-m", "reconciler", "validate", "--fleet", str(fleet))
    plan = ("-m", "tests.bench.plan_fleet", str(fleet))
    jobs = [Job(VALIDATE, command, lines), Job(PLAN, plan, lines)]
    if documents <= PEER_UP_TO:
        peer = ("-m", "tests.bench.plan_zones", str(zones))
        jobs.append(Job(PEER, peer, write_zones(zones, lines)))
    return run(jobs, REPETITIONS.get(documents, 3))


def example(work: Path) -> Iterator[Row]:
    """The example fleet, applied once; the emulator starts with the command, or runs already."""
    checkout = Checkout.new(work / "example")
    checkout.apply()
    told = checkout.ran("plan", "--env", "local", "-v").stderr
    requests = sum(int(count) for count in re.findall(r"(\d+) (?:read|written)", told))
    title = f"example fleet, no-op plan, {requests} requests"
    plan = ("-m", "reconciler", "plan", "--env", "local")
    yield from run([Job(f"{title}, cold", plan, folder=checkout.path)], 3)
    with running(checkout.fleet / ".reconciler" / "local"):
        yield from run([Job(f"{title}, warm", plan, folder=checkout.path)], 3)


def previews(work: Path) -> list[Row]:
    """Of a change to one file among 10,000 documents and 5,000 commits, in three states of mind:
    nothing is known; the base is known, the head is not; and no document changed.
    """
    folder = work / "history"
    lines = write_history(folder, 10_000, 5_000, 3)

    def asked(head: str, *more: str) -> Sequence[str]:
        return ("-m", "reconciler", "preview", "--base", "main", "--head", head, *more)

    def forget() -> None:
        shutil.rmtree(folder / ".git" / "reconciler", ignore_errors=True)

    def know_another() -> None:
        forget()
        measured(*asked("other", "--against", "main"), folder=folder)

    change = asked("work", "--against", "main")
    parse = ("-m", "reconciler", "validate", "--rev", "main")
    notes = ("-m", "reconciler", "preview", "--base", "main~3", "--head", "main")
    return run(
        [
            Job(PARSE, parse, lines, folder),
            Job(COLD, change, lines, folder, forget),
            Job(WARM, change, 0, folder, know_another),
            Job(NOTHING, notes, 0, folder, forget),
        ],
        3,
    )


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or list(REPETITIONS)
    _say(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores")
    _say(_line(HEAD))
    with TemporaryDirectory() as name:
        work = Path(name)
        for row in run([Job(START, ("-m", "reconciler", "--version"))], 5):
            _say(_line(tuple(row.cells(None))))
        known: dict[str, Row] = {}
        for size in sizes:
            rows = sized(work, size)
            for row in rows:
                _say(_line(tuple(row.cells(known.get(row.job.title)))))
                known[row.job.title] = row
            _compare(rows)
        for row in example(work):
            _say(_line(tuple(row.cells(None))))
        rows = previews(work)
        for row in rows:
            _say(_line(tuple(row.cells(None))))
        found = {row.job.title: row.cpu for row in rows}
        _say(f"  a cold preview takes {found[COLD] / found[PARSE]:.1f} x parsing once")


def _compare(rows: Sequence[Row]) -> None:
    found = {row.job.title: row for row in rows}
    if PEER in found:
        ours, theirs = found[PLAN], found[PEER]
        faster, lighter = theirs.per_line / ours.per_line, theirs.peak / ours.peak
        _say(
            f"  per line of YAML octoDNS takes {faster:.1f} x our CPU; its peak is {lighter:.1f} x"
        )


def _line(cells: Sequence[str]) -> str:
    first, *rest = zip(cells, WIDTHS, strict=True)
    return first[0].ljust(first[1]) + "".join(cell.rjust(width) for cell, width in rest)


def _say(text: str) -> None:
    sys.stdout.write(f"{text.rstrip()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
