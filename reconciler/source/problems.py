"""What is wrong with a fleet, collected first and given its line and column at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from reconciler.model import Diagnostic, Fault, FieldPath, Origin, ResourceId, Severity
from reconciler.source.compose import Note
from reconciler.source.documents import Document
from reconciler.source.locate import Locator
from reconciler.source.schemas import WRITTEN
from reconciler.source.tree import Tree
from reconciler.source.variables import OPEN


@dataclass(slots=True)
class Problem:
    """A diagnostic on its way."""

    diagnostic: Diagnostic
    file: str
    line: int
    """Where its document starts; 0 for the first of the file."""
    near: str = ""
    """A text that the field holds."""
    exact: bool = False
    """Whether the diagnostic's origin is final."""


@dataclass(slots=True)
class Problems:
    """All problems of one load."""

    tree: Tree
    found: list[Problem] = field(default_factory=list)

    def add_note(self, file: str, note: Note, subject: ResourceId | None = None) -> None:
        origin = Origin(file, note.line + 1, note.column + 1)
        diagnostic = Diagnostic(note.severity, note.code, note.summary, note.hint, subject, origin)
        self.found.append(Problem(diagnostic, file, 0, exact=True))

    def add_fault(self, document: Document, fault: Fault, inside: str = "") -> None:
        """A fault of one document; `inside` is the file that `fault.within` speaks of."""
        subject, severity = identity(document), fault.severity
        said = Diagnostic(severity, fault.code, fault.summary, fault.hint, subject, path=fault.path)
        if fault.origin is not None:
            problem = Problem(replace(said, origin=fault.origin), document.path, 0, exact=True)
        elif fault.within and inside:
            problem = Problem(replace(said, path=fault.within), inside, 0)
        else:
            problem = Problem(said, document.path, document.line)
        self.found.append(problem)

    def add_foreign(self, document: Document, fault: Fault) -> None:
        """A fault of what may turn out to be no document of ours."""
        said = Diagnostic(fault.severity, fault.code, fault.summary, fault.hint, path=fault.path)
        self.found.append(Problem(said, document.path, document.line))

    def add_diagnostic(self, diagnostic: Diagnostic, near: str = "") -> None:
        """What the core has to say about resources; the field is one of the specification."""
        origin = diagnostic.origin or Origin("", 1)
        path: FieldPath = ("spec", *diagnostic.path) if diagnostic.path else ()
        self.found.append(Problem(replace(diagnostic, path=path), origin.path, origin.line, near))

    def drop(self, files: Iterable[str]) -> None:
        """Forget what was said about files that turned out to be no documents of ours."""
        dropped = set(files)
        self.found = [
            problem
            for problem in self.found
            if problem.file not in dropped or problem.diagnostic.subject is not None
        ]

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Each at its place, sorted by it; nothing is said twice about one place."""
        located = list(self._located())
        errors = {d.origin for d in located if d.severity is Severity.ERROR}
        kept = {d for d in located if d.code != "yaml.ambiguous" or d.origin not in errors}
        return tuple(sorted(kept, key=_order))

    def _located(self) -> Iterator[Diagnostic]:
        locator: Locator | None = None
        for problem in sorted(self.found, key=lambda problem: (problem.file, problem.line)):
            if problem.exact:
                yield problem.diagnostic
                continue
            if locator is None or locator.path != problem.file:
                locator = Locator(problem.file, self._text(problem.file))
            yield _located(problem, locator)

    def _text(self, file: str) -> str:
        try:
            return self.tree.read(file).decode("utf-8-sig", errors="replace")
        except OSError:
            return ""


def identity(document: Document) -> ResourceId | None:
    """What a document calls itself, as far as that can be read."""
    kind, metadata = document.data.get("kind"), document.data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return ResourceId(kind, name) if isinstance(kind, str) and isinstance(name, str) else None


def _located(problem: Problem, locator: Locator) -> Diagnostic:
    said = problem.diagnostic
    place = locator.place(problem.line, said.path, problem.near)
    written, hint = place.text or "", said.hint
    if WRITTEN in hint:
        of_variable = "quote the variable's value in the environment"
        hint = of_variable if OPEN in written else hint.replace(WRITTEN, written)
    return replace(said, origin=Origin(problem.file, place.line, place.column), hint=hint)


def _order(diagnostic: Diagnostic) -> tuple[object, ...]:
    origin = diagnostic.origin or Origin("", 0)
    severity = diagnostic.severity is not Severity.ERROR
    return (origin, severity, diagnostic.code, str(diagnostic.subject), diagnostic.summary)
