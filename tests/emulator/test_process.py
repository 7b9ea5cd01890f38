"""`reconciler emulate` as a process: how it begins, how it is joined and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[2]
PROGRAM = "from reconciler.cli.emulate import command; command()"
PATIENCE = 20


def start(state: Path, *options: str) -> subprocess.Popen[str]:
    """Returns once it listens, which it says in one line."""
    process = launch(state, *options)
    assert process.stderr is not None
    assert "listens on https://127.0.0.1:" in process.stderr.readline()
    return process


def launch(state: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "--state", str(state), *options],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = start(tmp_path)
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(
    process: subprocess.Popen[str], tmp_path: Path, number: signal.Signals
) -> None:
    connection = json.loads((tmp_path / "connection.json").read_text())
    assert connection["pid"] == process.pid
    health = requests.get(
        f"{connection['url']}/_emulator/health", verify=connection["ca"], timeout=PATIENCE
    )
    assert health.json()["status"] == "ok"
    process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said) == (0, "")
    assert not (tmp_path / "connection.json").exists()


def test_a_second_one_names_the_file_to_join_by(
    process: subprocess.Popen[str], tmp_path: Path
) -> None:
    second = launch(tmp_path)
    _, said = second.communicate(timeout=PATIENCE)
    assert second.returncode == 1
    assert f"join it by {tmp_path / 'connection.json'}" in said
    assert process.poll() is None


def test_a_bad_seed_is_refused_in_one_sentence(tmp_path: Path) -> None:
    seed = tmp_path / "devices.jsonl"
    seed.write_text('{"deviceId": "a"}\n{"deviceId"\n')
    process = launch(tmp_path / "state", "--devices", str(seed))
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "neither JSON nor JSON lines" in said
    assert "Traceback" not in said


def test_a_killed_one_leaves_nothing_in_the_way(
    process: subprocess.Popen[str], tmp_path: Path
) -> None:
    process.kill()
    process.wait(PATIENCE)
    assert (tmp_path / "connection.json").exists()
    again = start(tmp_path)
    assert json.loads((tmp_path / "connection.json").read_text())["pid"] == again.pid
    again.terminate()
    again.communicate(timeout=PATIENCE)


def test_a_signal_before_it_listens_ends_it_too(tmp_path: Path) -> None:
    process = launch(tmp_path)
    while process.poll() is None and not (tmp_path / "port").exists():
        time.sleep(0.001)
    process.terminate()
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert not (tmp_path / "connection.json").exists()


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as parent:
        child = start(tmp_path, "--parent-pid", str(parent.pid))
        assert parent.stdin is not None
        parent.stdin.close()
        parent.wait(PATIENCE)
    child.communicate(timeout=PATIENCE)
    assert child.returncode == 0
    assert not (tmp_path / "connection.json").exists()
