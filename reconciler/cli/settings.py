"""The environment, read once. Nothing else of ours looks at it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    environ: Mapping[str, str]
    """Where `secretRef: {env: NAME}` is looked up."""
    folder: Path
    """Where the command was started."""
    color: bool
    terminal: bool
    """Whether a person can answer a question."""
    github_output: Path | None


def read() -> Settings:
    environ = dict(os.environ)  # noqa: TID251 - this is the one place
    output = environ.get("GITHUB_OUTPUT")
    return Settings(
        environ=environ,
        folder=Path.cwd(),
        color=sys.stdout.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb",
        terminal=sys.stdin.isatty() and sys.stdout.isatty(),
        github_output=Path(output) if output else None,
    )
