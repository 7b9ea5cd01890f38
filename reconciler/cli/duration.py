"""How long something lasts, as people write it."""

from __future__ import annotations

import re

import click

WRITTEN = re.compile(r"([0-9]{1,6})([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Duration(click.ParamType[float]):
    """`90m`, `4h`, `7d`: a number of seconds."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        found = WRITTEN.fullmatch(str(value))
        if found is None or int(found[1]) == 0:
            self.fail(f"{value!r} is no duration: write 90m, 4h or 7d", param, ctx)
        return float(int(found[1]) * SECONDS[found[2]])
