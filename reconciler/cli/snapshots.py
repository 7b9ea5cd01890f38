"""From a file with the live state to what stands for the cloud."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from reconciler.app import Cloud, Fleet
from reconciler.app.snapshots import Snapshot, cloud_of, read
from reconciler.cli.exits import Exit, Stop
from reconciler.cli.fleet import connected
from reconciler.cli.options import Common
from reconciler.report.saved import UnreadableError

AGAIN = "take one of this environment: reconciler snapshot --out FILE"


def opened(file: object, fleet: Fleet) -> Snapshot | None:
    """The snapshot in a file, if one is given; ends the command where it is not for this fleet."""
    if not isinstance(file, Path):
        return None
    try:
        taken = read(file)
    except UnreadableError as error:
        raise Stop(Exit.INVALID, f"{file}: {error}", AGAIN) from error
    if why := taken.unfit(fleet):
        raise Stop(Exit.STALE, f"{file}: {why}", AGAIN)
    return taken


def reached(told: Common, fleet: Fleet, taken: Snapshot | None) -> AbstractContextManager[Cloud]:
    """What was recorded, or the live services."""
    return cloud_of(taken) if taken else connected(told, fleet)
