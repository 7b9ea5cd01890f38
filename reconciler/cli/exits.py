"""The exit codes, and what each kind of failure becomes."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.model import Diagnostic

from reconciler.plan import Plan


class Exit(IntEnum):
    OK = 0
    ERROR = 1
    CHANGES = 2
    INVALID = 3
    DENIED = 4
    REFUSED = 5
    STALE = 6
    LOCKED = 7
    PARTIAL = 8
    GATE = 9
    INCOMPLETE = 10
    USAGE = 64
    INTERRUPTED = 130


def refused(plan: Plan) -> Exit:
    """The code for a plan that cannot be applied."""
    return Exit.INCOMPLETE if plan.in_doubt else Exit.REFUSED


class Stop(Exception):  # noqa: N818 - not an error: a command may stop with `CHANGES`
    """Ends a command with a code; `message` goes to stderr."""

    def __init__(self, code: Exit, message: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy


class InvalidError(Stop):
    """The documents are not what they should be; all that is wrong with them was printed."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        message = "the fleet is invalid; nothing was read and nothing was changed"
        super().__init__(Exit.INVALID, message)
        self.diagnostics = diagnostics
