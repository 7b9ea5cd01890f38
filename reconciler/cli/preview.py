"""`reconciler preview`: what merging would change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import options
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.options import Common, common
from reconciler.cli.review import Review, reviewing
from reconciler.registry import KINDS, SCHEMAS
from reconciler.source.git import RepositoryError, RevisionError
from reconciler.source.merge import ConflictingError, Merge, merge
from reconciler.source.revision import Place, Repository, Revision
from reconciler.source.touch import Change, Touched, touched

if TYPE_CHECKING:
    from reconciler.app import Fleet
    from reconciler.plan import Plan
    from reconciler.report.about import About


@dataclass(frozen=True, slots=True)
class Asked:
    """A merge that is to be planned, and where its fleet is."""

    place: Place
    repository: Repository
    merge: Merge
    against: Revision | None
    """The commit that stands for what is live."""


@dataclass(frozen=True, slots=True)
class Planned:
    plan: Plan
    fleet: Fleet
    heading: str
    read_at: str = ""
    """When the live state was read, if that was not just now."""


@click.command("preview")
@common
@click.option("--base", default="HEAD", show_default=True, help="The branch that is merged into.")
@click.option("--head", required=True, help="The commit that is merged.")
@click.option(
    "--against",
    metavar="COMMIT",
    help="Compare with what this commit asks for, in place of what is live: no cloud is asked.",
)
@options.SNAPSHOT
@options.REPORT
@options.DEVICES
@click.option(
    "--detailed-exitcode", is_flag=True, help="Exit with 2 where there is something to change."
)
@reviewing
def command(
    told: Common, *, base: str, head: str, form: str, review: Review, **rest: object
) -> Exit:
    """Show what merging HEAD into BASE would change in the workspace and on the hub.

    The merge is computed beside the repository: no file, no index and no branch is touched, and
    nothing of what is merged is run.
    """
    against = rest["against"]
    if against is not None and rest["snapshot"] is not None:
        raise Stop(Exit.USAGE, "--against and --snapshot exclude each other", "give one of them")
    try:
        asked = _asked(told, base, head, against if isinstance(against, str) else None)
        if (found := _touched(asked)) is not None and not found:
            sentence = _nothing(asked)
            click.echo(_formed(sentence, form))
            review.nothing(sentence)
            return Exit.OK
        planned = _planned(told, asked, rest)
    except RepositoryError as error:
        raise Stop(_code(error), str(error), error.hint) from error
    from reconciler.cli.plan import exit_code

    about = _shown(told, planned, form)
    review.plan(planned.plan, about, asked.merge.head.commit.sha)
    return exit_code(planned.plan, detailed=bool(rest["detailed_exitcode"]))


def _asked(told: Common, base: str, head: str, against: str | None) -> Asked:
    if told.rev is not None:
        raise Stop(Exit.USAGE, "--rev has no meaning here", "name commits with --base and --head")
    place = Place.of(told.fleet, told.settings.folder)
    repository = Repository(place.repository)
    merged = merge(repository, base, head)
    return Asked(place, repository, merged, repository.read(against) if against else None)


def _touched(asked: Asked) -> Touched | None:
    """What is to be looked at; nothing where both sides of the comparison ask for the same."""
    repository, merged = asked.repository, asked.merge
    before, after = (asked.against or merged.base).tree, merged.result.tree
    files = repository.changed(before, after) if asked.against else merged.changed
    change = Change(before, after, files, links=repository.has_links(after))
    return touched(change, asked.place.fleet(after), KINDS, SCHEMAS)


def _planned(told: Common, asked: Asked, live: Mapping[str, object]) -> Planned:
    # Imported here: where there is nothing to preview, nothing of it is needed.
    from reconciler.app.fleet import fleet_at
    from reconciler.app.preview import between, plan_between
    from reconciler.cli.fleet import checked, dated

    if asked.against is None:
        after = fleet_at(asked.place, asked.merge.result, told.environment)
        return _against_live(told, asked, checked(dated(told, after)), live)
    revisions = asked.against, asked.merge.result
    found = between(asked.place, asked.repository, revisions, told.environment)
    for fleet in (found.before, found.after):
        checked(fleet)
    plan = plan_between(found)
    told_of = f" {_counted(found.left_out, 'document')} cannot differ." if found.left_out else ""
    return Planned(plan, found.after, f"{_heading(asked)}{told_of}")


def _against_live(told: Common, asked: Asked, after: Fleet, live: Mapping[str, object]) -> Planned:
    from reconciler.cli.fleet import assessed
    from reconciler.cli.snapshots import opened, reached

    devices, taken = live["devices"], opened(live["snapshot"], after)
    given = devices if isinstance(devices, Path) else None
    with reached(told, after, taken) as cloud:
        plan = assessed(after, cloud, options.Selection(), given, taken)
    return Planned(plan, after, _heading(asked), taken.read_at if taken else "")


def _shown(told: Common, planned: Planned, form: str) -> About:
    from reconciler.app.saved import document
    from reconciler.cli.plan import described_by, making, show

    click.echo(planned.heading, err=form != "text")
    body = document(planned.plan, planned.fleet, making(told, options.Selection(), 0.0))
    about = described_by(body, planned.read_at)
    show(told, form, planned.plan, body, about)
    return about


def _heading(asked: Asked) -> str:
    merged = asked.merge
    files = _counted(len(merged.changed), "file")
    told = f"Merging {_short(merged.head)} into {_short(merged.base)} changes {files}."
    if asked.against is None:
        return told
    return f"{told} Compared with what {_short(asked.against)} asks for; no cloud was asked."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _nothing(asked: Asked) -> str:
    span = f"{_short(asked.against or asked.merge.base)} and {_short(asked.merge.head)}"
    return f"No document changed between {span}; nothing to preview."


def _formed(sentence: str, form: str) -> str:
    """The sentence for nothing to do, so that whoever expects a form gets that form."""
    match form:
        case "json":
            return json.dumps({"complete": True, "message": sentence, "resource_changes": []})
        case "html":
            head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Preview</title>'
            return f"{head}<main><p>{sentence}</p></main></html>"
        case _:
            return sentence


def _short(revision: Revision) -> str:
    return revision.commit.sha[:7]


def _code(error: RepositoryError) -> Exit:
    match error:
        case ConflictingError():
            return Exit.INVALID
        case RevisionError():
            return Exit.USAGE
        case _:
            return Exit.ERROR
