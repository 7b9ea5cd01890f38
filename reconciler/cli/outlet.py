"""An output whose reader may leave before everything is written, as `| head` does."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Outlet(io.FileIO):
    """Nobody listens once the reader is gone, but the work and its exit code stay the same."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            return memoryview(data).nbytes


def outlive_the_reader() -> None:
    """Let stdout and stderr be such outlets from now on: `2>&1 | head` reads both."""
    sys.stdout, sys.stderr = _outlet(sys.__stdout__), _outlet(sys.__stderr__, by_line=True)


def _outlet(old: TextIO | None, *, by_line: bool = False) -> TextIO:
    if old is None:  # it was closed before we began
        return io.TextIOWrapper(io.FileIO(os.devnull, "w"), "utf-8")
    raw = Outlet(old.fileno(), "w", closefd=False)
    # What the screen has no letter for is shown by its number.
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        old.encoding,
        "backslashreplace",
        line_buffering=by_line or old.isatty(),
    )
