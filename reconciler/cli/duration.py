"""How long something lasts, as people write it."""

from __future__ import annotations

import re

import click

WRITTEN = re.compile(r"([0-9]{1,6})([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(_context: click.Context, _option: click.Parameter, written: str) -> float:
    """Of `90m`, `4h`, `7d`."""
    found = WRITTEN.fullmatch(written)
    if found is None or int(found[1]) == 0:
        raise click.BadParameter(f"{written!r} is no duration: write 90m, 4h or 7d")
    return float(int(found[1]) * SECONDS[found[2]])
