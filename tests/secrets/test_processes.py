"""While a run lasts, no secret stands in a process's arguments or variables, nor in a file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from reconciler.emulator.faults import Fault
from tests.secrets.conftest import PLANTED, Guarded, seen

ROOT = Path(__file__).parents[2]


def test_no_process_and_no_temporary_file_holds_a_secret(guarded: Guarded, tmp_path: Path) -> None:
    """Its own variables aside: those were given to it."""
    guarded.edit("holder", metrics={"all": "SELECT deviceId FROM devices"})
    guarded.rig.emulator.context.faults.add(Fault("^PUT /configurations/", delay=1.0))
    with _applying(guarded, tmp_path) as process:
        found, looks = [], 0
        while process.poll() is None:
            looks += 1
            for place, text in (*_processes(process.pid), *_files(tmp_path)):
                found += [f"{place}: {canary}" for canary in seen(guarded.canaries, text)]
        said, _ = process.communicate()
    assert process.returncode == 0, said
    assert looks > 1
    assert found == []
    assert seen(guarded.canaries, said) == []
    assert list(tmp_path.rglob("*")) == []


def _applying(guarded: Guarded, temporary: Path) -> subprocess.Popen[str]:
    variables = {**PLANTED, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), "PATH": "/usr/bin"}
    return subprocess.Popen(
        [sys.executable, "-m", "reconciler", "apply", "-vv", "--auto-approve"],
        cwd=guarded.rig.root,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _processes(parent: int) -> Iterator[tuple[str, str]]:
    """The arguments of a process, and the arguments and variables of those that it started."""
    ours = _read(Path(f"/proc/{parent}/cmdline"))
    yield f"{parent} cmdline", ours
    for folder in Path("/proc").glob("[0-9]*"):
        stat = _read(folder / "stat").rpartition(")")[2].split()
        command = _read(folder / "cmdline")
        if command == ours or Path(command.partition("\0")[0]).name == "git":
            continue  # a fork that is not yet what it will be; git gets what we were given
        if stat[1:2] == [str(parent)]:
            for name in ("cmdline", "environ"):
                yield f"{command} {name}", _read(folder / name)


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path), _read(path)


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # it is gone already
        return ""
