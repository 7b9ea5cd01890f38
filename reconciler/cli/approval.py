"""What a person has agreed to before anything is written: what is planned now, or one plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler import app
from reconciler.app import Fleet
from reconciler.app.saved import Saved, UnreadableError, moved, read_plan, unfit
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import valid
from reconciler.cli.options import Common, Selection
from reconciler.model import ResourceId, Value, sequence, text
from reconciler.plan import Plan

AGAIN = "plan again and look at the new plan"


@dataclass(frozen=True, slots=True)
class Approval:
    selection: Selection
    everything: bool = False
    """Whether nobody is asked."""
    allowed: Sequence[str] = ()
    """A person's words for this plan: `RULE@DIGEST`."""
    saved: Saved | None = None
    expect: str = ""
    """The digest of the one plan that may be applied."""

    @property
    def given(self) -> bool:
        """Whether somebody has looked already: at a saved plan, or at the one of a digest."""
        return self.everything or self.exact

    @property
    def exact(self) -> bool:
        """Whether it is for one plan and no other."""
        return bool(self.saved or self.expect)

    def heeded(self, plan: Plan) -> Plan:
        """The plan after the words that were given for it; ends the command if it is not the one
        that was agreed to.
        """
        digest = self.saved.digest if self.saved else app.plan_digest(plan)
        if plan.changes and self.saved and (lines := moved(self.saved, plan)):
            told = "\n".join(["the plan is stale; nothing was changed", *_indented(lines)])
            raise Stop(Exit.STALE, told, AGAIN)
        if plan.changes and self.expect and self.expect != digest:
            told = f"the plan is another one; nothing was changed\n  expected {self.expect}"
            raise Stop(Exit.STALE, f"{told}\n  planned  {digest}", AGAIN)
        return app.allowed(plan, self.allowed, digest)

    def digest(self, plan: Plan) -> str:
        return self.saved.digest if self.saved else app.plan_digest(plan)


def opened(file: Path) -> Saved:
    """The plan in a file; ends the command where it holds none."""
    try:
        return read_plan(file)
    except UnreadableError as error:
        raise Stop(Exit.INVALID, f"{file}: {error}; nothing was changed", error.remedy) from error


def fleet_of(told: Common, saved: Saved) -> Fleet:
    """The fleet as the plan was made from it: at its commit, whatever is checked out; ends the
    command where that is not to be had.
    """
    if told.environment not in {None, saved.environment}:
        said = f"the plan is for the environment {saved.environment}, not {told.environment}"
        raise Stop(Exit.STALE, f"{said}; nothing was changed")
    rev = None if saved.dirty or not saved.commit else saved.commit
    try:
        fleet = valid(replace(told, environment=saved.environment, rev=rev))
    except Stop as stop:
        if stop.code is Exit.USAGE:  # the commit is not here
            raise Stop(Exit.STALE, f"{stop.message}; nothing was changed", stop.remedy) from stop
        raise
    if why := unfit(saved, fleet, told.settings.clock.now()) or _elsewhere(saved, fleet):
        raise Stop(Exit.STALE, f"{why}; nothing was changed", AGAIN)
    return fleet


def selected(saved: Saved) -> Selection:
    """What a plan was asked for, and nothing else than what is in it."""
    told = saved.selection
    return Selection(
        retry_failed=told.get("retry_failed") is True,
        adopt=_texts(told.get("adopt")),
        exactly=saved.lineages,
        leaving=frozenset(_lineage(name) for name in _texts(told.get("leaving"))),
        undoes=text(told.get("undoes")),
    )


def described(selection: Selection) -> dict[str, Value]:
    """The same, as it stands in a plan."""
    return {
        "only": tuple(selection.only),
        "exclude": tuple(selection.exclude),
        "retry_failed": selection.retry_failed,
        "adopt": tuple(selection.adopt),
        "leaving": tuple(sorted(map(str, selection.leaving))),
        "undoes": selection.undoes,
    }


def _elsewhere(saved: Saved, fleet: Fleet) -> str:
    if saved.commit == fleet.commit.sha:
        return ""
    its = f"commit {saved.commit[:7]}" if saved.commit else "files outside any repository"
    return f"the plan was made from {its}, and here is {fleet.commit}"


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(text(item) for item in sequence(value))


def _lineage(name: str) -> ResourceId:
    kind, _, rest = name.partition("/")
    return ResourceId(kind, rest)


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]
