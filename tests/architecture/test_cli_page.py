"""The page of commands says what the commands say of themselves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_of_commands_is_what_the_commands_say_of_themselves() -> None:
    # In a process of its own: a command that was run before remembers how it was asked for help.
    page = subprocess.run(
        [sys.executable, "-m", "tests.architecture.cli_page"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ROOT / "docs/cli.md").read_text("utf-8") == page.stdout, "run: make docs"
