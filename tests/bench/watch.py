"""A stop watch for a part of a process, and the measurement of a whole one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType

ROOT = Path(__file__).parents[2]
MARK = "watched: "
MEBIBYTE = 1 << 20
# Linux counts in KiB, macOS in bytes.
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the wall and on all processors; the peak of resident memory in MiB."""

    wall: float
    cpu: float
    peak: float


@dataclass(slots=True)
class Watch:
    """`with watch:` adds to what it measured; it may be entered again."""

    wall: float = 0.0
    cpu: float = 0.0
    _began: tuple[float, float] = field(default=(0.0, 0.0))

    def __enter__(self) -> None:
        self._began = (time.perf_counter(), time.process_time())

    def __exit__(
        self,
        _sort: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.wall += time.perf_counter() - self._began[0]
        self.cpu += time.process_time() - self._began[1]

    def tell(self) -> None:
        """To `measured`, as the last line of stdout."""
        told = json.dumps({"wall": self.wall, "cpu": self.cpu})
        sys.stdout.write(f"\n{MARK}{told}\n")


def measured(*command: str, folder: Path | None = None) -> Cost:
    """What `python ...` costs: the part that it watched itself, or else all of it."""
    with TemporaryFile() as output:
        began = time.perf_counter()
        child = subprocess.Popen(
            ["env", f"PYTHONPATH={ROOT}", sys.executable, *command],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().decode(errors="replace")
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}:\n{said[-2000:]}")
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss * PEAK_UNIT / MEBIBYTE
    last = said.rstrip().rpartition("\n")[2]
    if last.startswith(MARK):
        watched = json.loads(last.removeprefix(MARK))
        return Cost(watched["wall"], watched["cpu"], peak)
    return Cost(wall, cpu, peak)
