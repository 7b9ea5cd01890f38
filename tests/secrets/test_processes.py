"""While a run lasts, no secret stands in a process's arguments or variables, nor in a file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.emulator.faults import Fault
from tests.secrets.conftest import PLANTED, Guarded, seen

ROOT = Path(__file__).parents[2]


def test_no_process_and_no_temporary_file_holds_a_secret(guarded: Guarded, tmp_path: Path) -> None:
    """Its own variables aside: those were given to it."""
    guarded.edit("holder", metrics={"all": "SELECT deviceId FROM devices"})
    guarded.rig.emulator.context.faults.add(Fault("^PUT /configurations/", delay=1.0))
    with _started(guarded.rig.root, tmp_path, "apply", "-vv", "--auto-approve") as process:
        found = _watched(process, tmp_path, guarded.canaries)
        said, _ = process.communicate()
    assert process.returncode == 0, said
    assert found.children > 0
    assert found.leaks == []
    assert seen(guarded.canaries, said) == []
    assert list(tmp_path.rglob("*")) == []


def test_the_emulator_is_given_no_secret(guarded: Guarded, tmp_path: Path) -> None:
    """Where none runs yet, a command starts one."""
    ignored = shutil.ignore_patterns(".reconciler")
    shutil.copytree(guarded.rig.fleet, tmp_path / "fleet", ignore=ignored)
    canaries = tuple(value.rpartition("=")[2] for value in PLANTED.values())
    with _started(tmp_path, tmp_path, "plan") as process:
        found = _watched(process, tmp_path, canaries)
        process.communicate()
    assert found.children > 0
    assert found.leaks == []


@dataclass
class Watched:
    """What was seen while a process ran."""

    leaks: list[str] = field(default_factory=list)
    children: int = 0


def _watched(process: subprocess.Popen[str], folder: Path, canaries: tuple[str, ...]) -> Watched:
    found = Watched()
    while process.poll() is None:
        for place, text in (*_processes(process.pid), *_files(folder)):
            found.children += "environ" in place
            found.leaks += [f"{place}: {canary}" for canary in seen(canaries, text)]
    return found


def _started(folder: Path, temporary: Path, *arguments: str) -> subprocess.Popen[str]:
    variables = {**PLANTED, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), "PATH": "/usr/bin"}
    return subprocess.Popen(
        [sys.executable, "-m", "reconciler", *arguments],
        cwd=folder,
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
    # `walk` passes over a folder that goes while it looks; `rglob` does not.
    for inside, _, names in os.walk(folder):
        for path in (Path(inside) / name for name in names):
            if path.is_file():
                yield str(path), _read(path)


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # it is gone already
        return ""
