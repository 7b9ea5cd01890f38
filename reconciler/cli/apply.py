"""`reconciler apply`: make it so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.approval import Approval, fleet_of, opened, selected
from reconciler.cli.execution import asked, execute
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import valid
from reconciler.cli.options import Common, Selection, common


@click.command("apply")
@click.argument(
    "plan", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@common
@options.selecting
@options.AUTO_APPROVE
@click.option(
    "--expect",
    metavar="DIGEST",
    default="",
    help="Apply only the plan of this digest, and do not ask.",
)
@options.applying
def command(
    told: Common, *, selection: Selection, plan: Path | None, allow: Sequence[str], **rest: object
) -> Exit:
    """Make the workspace and the hub match the fleet: only the changes that are needed. With PLAN,
    a file that `plan --out` wrote: exactly that plan, or nothing.
    """
    said = Approval(selection, bool(rest["auto_approve"]), allow, expect=str(rest["expect"]))
    if plan and told.rev is not None:
        raise Stop(Exit.USAGE, "a saved plan says itself of what commit it is", "leave out --rev")
    consent = _for_one_plan(said, plan) if plan else said
    asked(told, consent, "look at the plan, then run with --auto-approve")
    fleet = fleet_of(told, consent.saved) if consent.saved else valid(told)
    return execute(told, fleet, consent, rest)


def _for_one_plan(consent: Approval, file: Path) -> Approval:
    """The approval of a saved plan: it says itself what is in it."""
    if consent.selection != Selection():
        raise Stop(
            Exit.USAGE,
            "a saved plan says itself what is in it",
            "leave out --only, --exclude, --retry-failed and --adopt",
        )
    saved = opened(file)
    if consent.expect not in {"", saved.digest}:
        said = f"{file} is another plan; nothing was changed"
        raise Stop(Exit.STALE, f"{said}\n  expected {consent.expect}\n  saved    {saved.digest}")
    return replace(consent, selection=selected(saved), saved=saved, expect="")
