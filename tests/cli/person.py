"""Somebody who runs commands: what they have set, what they get to see."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from reconciler.cli import main
from reconciler.cli.exits import Exit
from reconciler.cli.settings import Settings
from tests.cli.cloud import ROOT


@dataclass(frozen=True)
class Said:
    """What one command came to."""

    code: int
    out: str
    err: str

    @property
    def name(self) -> str:
        return Exit(self.code).name


@dataclass(frozen=True)
class Person:
    """At a fleet's folder, with environment variables; `there` runs commands in this process."""

    folder: Path
    screen: pytest.CaptureFixture[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    terminal: bool = False
    color: bool = False
    output: Path | None = None
    """The file of `$GITHUB_OUTPUT`."""

    def having(self, **environ: str) -> Person:
        return replace(self, environ={**self.environ, **environ})

    def runs(self, *arguments: str) -> Said:
        """In this process, which is fast; whatever a command raises would fail the test."""
        settings = Settings(self.environ, self.folder, self.color, self.terminal, self.output)
        self.screen.readouterr()
        code = main(arguments, settings)
        shown = self.screen.readouterr()
        return _sane(Said(code, shown.out, shown.err))

    def starts(self, *arguments: str) -> Said:
        """In a process of its own, as from a shell."""
        ran = subprocess.run(
            command(*arguments, **self.environ),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return _sane(Said(ran.returncode, ran.stdout, ran.stderr))


def command(*arguments: str, **environ: str) -> list[str]:
    """The command line of one in a process of its own."""
    variables = {"PYTHONPATH": str(ROOT), **environ}
    program = [sys.executable, "-m", "reconciler", *arguments]
    return ["env", *(f"{name}={value}" for name, value in variables.items()), *program]


def _sane(said: Said) -> Said:
    """Whatever happens, nobody gets to see the inside of the program, or a key."""
    for text in (said.out, said.err):
        assert "Traceback" not in text
        assert "unexpected:" not in text
        assert "SharedAccessKey=" not in text
    return said
