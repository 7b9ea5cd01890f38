"""What a session is given: the clock, the files, the variables, and how far they may be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.model import Secret
from reconciler.providers.azure.limiter import UNLIMITED
from reconciler.providers.azure.patience import Patience
from reconciler.providers.azure.workspace.process import Start
from reconciler.providers.port import Notify


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the environment lets documents reach for."""

    secrets: tuple[str, ...] = ()
    """Patterns of the names of environment variables."""
    registries: tuple[str, ...] = ()
    """Login servers that may be asked about prebuilt images."""
    prune: bool = False
    """What left git is deleted, so it is looked for even where git asks for none of its kind."""
    delete_devices: bool = False
    """Of what left git, devices too."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the command line hands in."""

    environ: Mapping[str, str]
    files: Callable[[str], Path]
    """From a path in the repository to one on this machine."""
    notify: Notify
    patience: Patience
    worker: Start | None = None
    """How the process is started that holds the Azure ML SDK; None for the usual way."""
    units: int = UNLIMITED
    """Of the hub, whose rates are kept to; an emulated one has none."""
    learn: Callable[[Secret], None] = lambda _secret: None
    """Told of every secret that is read, so that nothing repeats it."""
