"""What a proof found: a line, and what went wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Verdict:
    """How much was tried, and everything that must not have been."""

    name: str
    tried: int
    violations: tuple[str, ...] = ()
    figures: str = ""
    details: str = ""
    """More than a line: a table."""

    def __str__(self) -> str:
        counts = f"{self.name}: tried={self.tried} violations={len(self.violations)}"
        return f"{counts} ({self.figures})" if self.figures else counts


def counted(name: str, outcomes: Iterable[T], total: int) -> Iterator[T]:
    """Each as it comes; whoever waits is told on stderr how far it is."""
    for number, outcome in enumerate(outcomes, start=1):
        sys.stderr.write(f"{name}: {number} of {total}\n")
        yield outcome
