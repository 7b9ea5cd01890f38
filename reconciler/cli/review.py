"""What a plan leaves with whoever reviews it: a comment, a summary of the job, annotations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import console
from reconciler.cli.exits import Exit, InvalidError
from reconciler.cli.options import Common

if TYPE_CHECKING:
    from reconciler.forges.comments import Pull
    from reconciler.model import Diagnostic
    from reconciler.plan import Plan
    from reconciler.report.about import About

NONE, AUTO = "none", "auto"
SUMMARY_BYTES = 1 << 20
"""Of the summary of a step: GitHub shows nothing of a longer one."""

COMMENT = click.option(
    "--comment",
    is_flag=True,
    help="Write the plan as the one comment on the pull request that this CI job runs for.",
)
SUMMARY = click.option("--summary", is_flag=True, help="Add the plan to the summary of the CI job.")
ANNOTATIONS = click.option(
    "--annotations",
    type=click.Choice([NONE, AUTO, "github", "azure-pipelines"]),
    default=NONE,
    show_default=True,
    help="Show problems at their lines of YAML, in the words of the CI service.",
)
SARIF = click.option(
    "--sarif",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the problems to this file, as SARIF.",
)


@dataclass(frozen=True, slots=True)
class Review:
    """Where the findings of a command go besides the terminal."""

    told: Common
    annotations: str
    sarif: Path | None
    comment: bool = False
    summary: bool = False

    def problems(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Annotate the lines."""
        from reconciler import VERSION
        from reconciler.report import annotations

        found = tuple(diagnostics)
        if self.sarif:
            written = self._hidden(annotations.sarif(found, VERSION))
            self.sarif.write_text(written, encoding="utf-8")
        if dialect := self._dialect():
            for line in annotations.commands(found, annotations.Dialect(dialect)):
                click.echo(line, err=True)

    def plan(self, plan: Plan, about: About, head: str = "") -> None:
        """Hand on a plan. `head` is the commit of the pull request that it was made for."""
        from reconciler.app import pages
        from reconciler.report.markup import marker

        self.problems(plan.diagnostics)
        mark = marker("plan", plan.scope.environment)
        self._hand_on(mark, about, head, lambda a, budget: pages.plan_markdown(plan, a, budget))

    def nothing(self, told: str) -> None:
        """There are no problems, and a comment of an earlier commit is corrected: now nothing would
        change.
        """
        from reconciler.report.about import About
        from reconciler.report.markup import marker, prose

        if self.sarif:  # whoever hands the file on finds one
            self.problems(())
        if self.comment and self.told.environment:
            mark = marker("plan", self.told.environment)
            self._post(mark, About(""), "", lambda *_: f"{mark}\n{prose(told)}\n", create=False)

    def invalid(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Say what is wrong with documents of which no plan could be made."""
        from reconciler.app import pages
        from reconciler.report.about import About
        from reconciler.report.markup import marker

        found = tuple(diagnostics)
        self.problems(found)
        name = self.told.environment or ""
        self._hand_on(
            marker("plan", name),
            About(""),
            "",
            lambda about, budget: pages.invalid_markdown(name, found, about, budget),
        )

    def _hand_on(
        self, mark: str, about: About, head: str, write: Callable[[About, int], str]
    ) -> None:
        if self.summary:
            self._summarise(write(about, SUMMARY_BYTES))
        if self.comment:
            self._post(mark, about, head, write)

    def _summarise(self, text: str) -> None:
        environ = self.told.settings.environ
        if path := environ.get("GITHUB_STEP_SUMMARY"):
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(self._hidden(text))
        elif folder := environ.get("AGENT_TEMPDIRECTORY"):
            # Named by what it holds: two plans of one job are two sections.
            file_name = Path(folder) / f"reconciler-{abs(hash(text)):x}.md"
            file_name.write_text(self._hidden(text), encoding="utf-8")
            click.echo(f"##vso[task.uploadsummary]{file_name}", err=True)

    def _post(
        self,
        mark: str,
        about: About,
        head: str,
        write: Callable[[About, int], str],
        *,
        create: bool = True,
    ) -> None:
        """The plan is what it is: a comment that cannot be written is a message, no failure."""
        from reconciler.forges import connect, place
        from reconciler.forges.comments import ForgeError, post

        settings = self.told.settings
        try:
            where = place.found(settings.environ, lambda path: Path(path).read_text("utf-8"))
            forge = connect.forge(where, settings.clock.sleep)
            with closing(forge):
                pull = forge.pull()
                if not pull.open:
                    click.echo("The pull request is closed; no comment was written.", err=True)
                    return
                known = replace(about, full=where.page, stale=_stale(pull, head))
                body = self._hidden(write(known, forge.budget))
                new = post(forge, mark, body, create=create)
        except (place.PlaceError, ForgeError) as error:
            console.fail(f"no comment was written: {error}", error.remedy)
        else:
            click.echo(f"The comment {'was written' if new else 'stays as it is'}.", err=True)

    def _dialect(self) -> str:
        environ = self.told.settings.environ
        if self.annotations != AUTO:
            return "" if self.annotations == NONE else self.annotations
        if environ.get("GITHUB_ACTIONS"):
            return "github"
        return "azure-pipelines" if environ.get("TF_BUILD") else ""

    def _hidden(self, text: str) -> str:
        return self.told.settings.redaction.hide(text)


def _stale(pull: Pull, head: str) -> str:
    if not (head and pull.head) or head == pull.head:
        return ""
    return f"it is for commit {head[:12]}, and {pull.head[:12]} was pushed since"


def annotating(command: Callable[..., Exit]) -> Callable[..., Exit]:
    """Give a command `--annotations` and `--sarif`, in `review`."""

    @ANNOTATIONS
    @SARIF
    @wraps(command)
    def run(told: Common, *, annotations: str, sarif: Path | None, **rest: object) -> Exit:
        return command(told, review=Review(told, annotations, sarif), **rest)

    return run


def reviewing(command: Callable[..., Exit]) -> Callable[..., Exit]:
    """Give a command `--comment` and `--summary`, too; invalid documents are handed on as well."""

    @COMMENT
    @SUMMARY
    @ANNOTATIONS
    @SARIF
    @wraps(command)
    def run(
        told: Common,
        *,
        annotations: str,
        sarif: Path | None,
        comment: bool,
        summary: bool,
        **rest: object,
    ) -> Exit:
        review = Review(told, annotations, sarif, comment, summary)
        try:
            return command(told, review=review, **rest)
        except InvalidError as invalid:
            review.invalid(invalid.diagnostics)
            raise

    return run
