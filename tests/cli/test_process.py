"""What only shows in a process of its own: pipes, signals, terminals."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.person import Person, command
from tests.e2e.checkout import Checkout

STEP = 0.02
STEPS = 1500


def test_a_reader_that_leaves_early_changes_nothing(person: Person) -> None:
    with subprocess.Popen(
        command("plan", "--detailed-exitcode", **person.environ),
        cwd=person.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 2


def test_neither_does_one_that_reads_errors_too(person: Person) -> None:
    with subprocess.Popen(
        command("plan", "--detailed-exitcode", "-v", **person.environ),
        cwd=person.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout
        process.stdout.close()
        assert process.wait() == 2


def test_a_screen_that_knows_no_such_letters_is_shown_their_numbers(person: Person) -> None:
    said = person.having(PYTHONIOENCODING="ascii").starts("plan")
    assert said.name == "OK"
    assert said.out.startswith("reconciler plan  \\xb7  ")


def test_an_interrupt_before_there_is_anything_to_interrupt_is_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Stands for the library, which is imported first.
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n")
    said = Person(tmp_path, capsys).starts("validate")
    assert (said.code, said.err) == (130, "error: interrupted\n")


def test_a_terminal_is_colored(person: Person) -> None:
    assert b"\x1b[32m" in shown_at_a_terminal(person)


def test_a_terminal_is_not_colored_where_that_is_not_wanted(person: Person) -> None:
    shown = shown_at_a_terminal(person.having(NO_COLOR="1"))
    assert b"Deployment/sensor" in shown
    assert b"\x1b" not in shown


def shown_at_a_terminal(person: Person) -> bytes:
    ours, theirs = pty.openpty()
    environ = {"TERM": "xterm", **person.environ}
    try:
        subprocess.run(
            command("plan", **environ), cwd=person.folder, stdin=theirs, stdout=theirs, check=True
        )
        return os.read(ours, 1 << 16)
    finally:
        os.close(theirs)
        os.close(ours)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Lets children be interrupted, even where whoever started these tests in the background is
    not: an ignored signal is inherited.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_ends_the_local_cloud_too(tmp_path: Path) -> None:
    checkout = Checkout.new(tmp_path / "repository")
    state = checkout.fleet / ".reconciler" / "local"
    with subprocess.Popen(
        command("plan", "--env", "local"),
        cwd=checkout.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        _wait_for(state / "connection.json")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert out == ""
    # A shell shows both as 130; Python ends itself by the signal where that came during an import.
    assert process.returncode in {130, -signal.SIGINT}
    assert "error: interrupted" in err
    assert "Traceback" not in err
    assert not (state / "connection.json").exists()
    assert _running_below(state) == []


def _wait_for(file: Path) -> None:
    for _ in range(STEPS):
        if file.exists():
            return
        time.sleep(STEP)
    raise AssertionError(f"{file} does not appear")


def _running_below(folder: Path) -> list[str]:
    """Processes that were told about the folder."""
    listed = subprocess.run(["ps", "-A", "-o", "args"], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if str(folder) in line]
