"""Signs of life on stderr: bars at a terminal, a line per step in CI, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import click

from reconciler.cli.clock import moment
from reconciler.model import ResourceId
from reconciler.report.words import plain

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from reconciler.app import Progress
    from reconciler.plan import Outcome

FORMATS = ("text", "json")
MINUTE = 60.0


class Log(Protocol):
    """Told what happens while it happens; results are printed elsewhere."""

    def progress(self, event: Progress) -> None: ...

    def change(self, outcome: Outcome) -> None: ...

    def run(self, event: str, facts: Mapping[str, object]) -> None:
        """The beginning or the end of a run, and what it says of itself."""
        ...

    def close(self) -> None: ...


def opened(form: str) -> Log:
    """The log that fits: `form` is one of `FORMATS`."""
    if form == "json":
        return Events()
    return Terminal() if sys.stderr.isatty() else Lines()


class Lines:
    """A line per step. Of counted work, only the beginning and the end are worth one; of waiting,
    the beginning, and a sign of life every minute.
    """

    def __init__(self) -> None:
        self._said: dict[ResourceId, tuple[str, float]] = {}

    def progress(self, event: Progress) -> None:
        activity, seconds = self._said.get(event.subject, ("", 0.0))
        counting = event.total and event.done not in {0, event.total}
        early = event.seconds - seconds < MINUTE
        if early and (counting or event.activity == activity):
            return
        self._said[event.subject] = event.activity, event.seconds
        lasted = f", {event.seconds:.0f} s" if event.seconds >= 1 else ""
        count = f", {event.done:,} of {event.total:,}" if counting else ""
        click.echo(plain(f"{event.subject}: {event.activity}{count}{lasted}"), err=True)

    def change(self, outcome: Outcome) -> None:
        """The result is printed already."""

    def run(self, event: str, facts: Mapping[str, object]) -> None:
        """Of use to programs only."""

    def close(self) -> None:
        """Nothing is open."""


class Terminal(Lines):
    """A bar for each thing that is being worked on, gone when it is done."""

    def __init__(self) -> None:
        super().__init__()
        self._bars: Bars | None = None
        self._tasks: dict[ResourceId, TaskID] = {}

    def progress(self, event: Progress) -> None:
        bars = self._shown()
        said = f"{event.subject}: {plain(event.activity)}"
        task = self._tasks.get(event.subject)
        if task is None:
            task = self._tasks[event.subject] = bars.add_task(said)
        total = event.total or None
        bars.update(task, description=said, completed=event.done, total=total)

    def change(self, outcome: Outcome) -> None:
        task = self._tasks.pop(outcome.change.id, None)
        if self._bars and task is not None:
            self._bars.remove_task(task)

    def close(self) -> None:
        if self._bars:
            self._bars.stop()
            self._bars = None

    def _shown(self) -> Bars:
        if self._bars is None:
            from rich.console import Console
            from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bars

            text = TextColumn("{task.description}", markup=False)
            columns = (text, BarColumn(bar_width=20), TaskProgressColumn(), TimeElapsedColumn())
            self._bars = Bars(*columns, console=Console(stderr=True), transient=True)
            self._bars.start()
        return self._bars


class Events(Lines):
    """A JSON object a line, for whoever collects logs."""

    def progress(self, event: Progress) -> None:
        counted = {"done": event.done, "total": event.total} if event.total else {}
        lasted = {"seconds": round(event.seconds, 3)} if event.seconds else {}
        self._write(
            "progress", address=str(event.subject), activity=event.activity, **counted, **lasted
        )

    def change(self, outcome: Outcome) -> None:
        self._write(
            "change",
            address=str(outcome.change.id),
            action=outcome.change.action.value,
            reason=outcome.change.reason.name.lower(),
            result=outcome.result.value,
            detail=outcome.detail,
            seconds=round(outcome.seconds, 3),
        )

    def run(self, event: str, facts: Mapping[str, object]) -> None:
        self._write(event, **facts)

    def _write(self, event: str, **facts: object) -> None:
        click.echo(json.dumps({"at": moment(), "event": event, **facts}), err=True)
