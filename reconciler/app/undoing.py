"""Taking back what a run did: back to the commit that was applied before it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reconciler.kinds.device.spec import KIND as DEVICE
from reconciler.model import ResourceId, Spec, Superseded, mapping, sequence, text
from reconciler.registry import KINDS
from reconciler.report.saved import UnreadableError, parsed
from reconciler.source.git import newest

NO_REPORT = "write one with apply --report"


@dataclass(frozen=True, slots=True)
class Report:
    """What a run says that it did."""

    body: Spec

    @property
    def run(self) -> str:
        return text(self.body.get("run"))

    @property
    def environment(self) -> str:
        return text(self.body.get("environment"))

    @property
    def owner(self) -> str:
        return text(self.body.get("owner"))

    @property
    def commit(self) -> str:
        return text(self.body.get("commit"))

    @property
    def results(self) -> tuple[Spec, ...]:
        return tuple(map(mapping, sequence(self.body["results"])))

    @property
    def touched(self) -> frozenset[ResourceId]:
        """What it wrote, or tried to: a write that failed may have been carried out."""
        return frozenset(_lineage(r) for r in self.results if r.get("result") != "blocked")

    @property
    def created(self) -> frozenset[ResourceId]:
        """What it created, of the kinds whose objects may go: no model, no image, no device."""
        made = (_lineage(r) for r in self.results if r.get("action") == "create")
        return frozenset(
            lineage
            for lineage in made
            if lineage.kind in KINDS
            and lineage.kind != DEVICE.name
            and KINDS[lineage.kind].superseded is Superseded.DELETE
        )

    def before(self, repository: Path) -> tuple[str, ...]:
        """The commits that may have been applied last before the run: one, if it is clear."""
        seen = {text(sha) for sha in sequence(self.body.get("applied_before"))}
        return newest(repository, seen - {"", self.commit})


def read_report(file: Path) -> Report:
    """The report in a file; an `UnreadableError` where it holds none."""
    try:
        body = parsed(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise UnreadableError(f"this is no text: {error.reason}", NO_REPORT) from error
    except UnreadableError as error:
        raise UnreadableError(str(error), NO_REPORT) from error
    if not isinstance(body, dict) or not body.keys() >= {"run", "results", "applied_before"}:
        raise UnreadableError("this is no report of a run", NO_REPORT)
    return Report(body)


def _lineage(result: Spec) -> ResourceId:
    kind, _, name = text(result.get("address")).partition("/")
    return ResourceId(kind, name)
