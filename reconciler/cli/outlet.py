"""A stdout whose reader may leave before everything is written, as `| head` does."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

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
    """Let stdout be such an outlet from now on."""
    old = sys.__stdout__
    if old is None:  # it was closed before we began
        sys.stdout = io.TextIOWrapper(io.FileIO(os.devnull, "w"), "utf-8")
        return
    raw = Outlet(old.fileno(), "w", closefd=False)
    # As on stderr: what the screen has no letter for is shown by its number.
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(raw), old.encoding, "backslashreplace", line_buffering=old.isatty()
    )
