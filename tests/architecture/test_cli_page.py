"""The page of commands says what the commands say."""

from __future__ import annotations

from pathlib import Path

from tests.architecture.cli_page import page

ROOT = Path(__file__).parents[2]


def test_the_page_of_commands_is_what_the_commands_say_of_themselves() -> None:
    written = (ROOT / "docs/cli.md").read_text("utf-8")
    assert written == page(), "run: make docs"
