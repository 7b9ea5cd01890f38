"""The environment, read once. Nothing else of ours looks at it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from reconciler.cli.clock import Clock
from reconciler.cli.redaction import Redaction

if TYPE_CHECKING:
    from reconciler.app import Cloud, Fleet, Given

Connect: TypeAlias = "Callable[[Fleet, Given], AbstractContextManager[Cloud]]"


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
    clock: Clock = field(default_factory=Clock)
    connect: Connect | None = None
    """How the services are reached; None for the usual way."""
    redaction: Redaction = field(default_factory=Redaction)
    """Hides what this run learns of secrets in all that leaves it."""


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
