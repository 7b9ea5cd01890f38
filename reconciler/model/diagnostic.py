"""Problems a person can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from reconciler.model.resource import FieldPath, Origin, ResourceId


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fault:
    """What a kind finds wrong with one document: at which field, what, and what to do."""

    path: FieldPath
    code: str
    summary: str
    hint: str = ""
    severity: Severity = Severity.ERROR
    within: FieldPath = ()
    """A field inside the data of the file that `path` names (an entry of a conda file)."""
    origin: Origin | None = None
    """A place in that file (a line of a scoring script); `within` is not needed then."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: where, what, and what to do about it.

    `origin` is where the document starts until `source` has looked up the line and column of
    the field at `path`.
    """

    severity: Severity
    code: str
    summary: str
    hint: str = ""
    subject: ResourceId | None = None
    origin: Origin | None = None
    path: FieldPath = ()

    def __str__(self) -> str:
        where = f"{self.origin}: " if self.origin else ""
        what = f"{self.subject}: " if self.subject else ""
        hint = f"\n  hint: {self.hint}" if self.hint else ""
        return f"{where}{self.severity.value}[{self.code}] {what}{self.summary}{hint}"


def errors(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Those that stop a plan from being applied."""
    return tuple(d for d in diagnostics if d.severity is Severity.ERROR)
