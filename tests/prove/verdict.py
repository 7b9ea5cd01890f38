"""What a proof found: a line, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """How much was tried, and everything that must not have been."""

    name: str
    tried: int
    violations: tuple[str, ...] = ()
    figures: str = ""

    def __str__(self) -> str:
        counts = f"{self.name}: tried={self.tried} violations={len(self.violations)}"
        return f"{counts} ({self.figures})" if self.figures else counts


def joined(name: str, verdicts: Iterable[Verdict]) -> Verdict:
    found = tuple(verdicts)
    violations = tuple(said for verdict in found for said in verdict.violations)
    return Verdict(name, sum(verdict.tried for verdict in found), violations)
