"""What happened to one change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from reconciler.diff import Change
from reconciler.model import Observed


class Result(Enum):
    APPLIED = "applied"
    FAILED = "failed"
    BLOCKED = "blocked"  # something it needs failed


@dataclass(frozen=True, slots=True)
class Outcome:
    change: Change
    result: Result
    detail: str = ""
    remedy: str = ""
    denied: bool = False
    """Whether it failed for want of a right."""
    partial: bool = False
    """Whether some of it was done all the same."""
    seconds: float = 0.0
    """How long it took."""
    now: Observed | None = None
    """What is there after a write that built something."""
