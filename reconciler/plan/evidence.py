"""Devices from which something is taken away: what a query said of them is held against each.

Queries lag behind: a tag that was set a moment ago is not in them yet. Before a deployment goes,
or a base leaves devices, some of those devices are read one by one, as they are right now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from reconciler.edge.condition import Field, path_text
from reconciler.edge.twin import Cell, Odd, Twin, cell, looked_up
from reconciler.plan.deployed import Course, Deployed, by_place, conditions

SAMPLE = 20
"""Devices that are read one by one at most: a fifth of a second of what a hub lets through."""
EACH = 5
"""Of those that lose the same deployments."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was said of some devices, at some fields."""

    fields: tuple[Field, ...] = ()
    twins: tuple[Twin, ...] = ()


def evidence(way: Course, fields: Sequence[Field], twins: Iterable[Twin]) -> Evidence:
    """Some devices of each sort that lose a deployment that goes, or their base; the first ones."""
    before, after = by_place(conditions(way.before)), by_place(conditions(way.after))
    stay = {each.layered.id for each in way.after}
    gone = {at for at, each in enumerate(way.before) if each.layered.id not in stay}
    counts: Counter[tuple[frozenset[int], bool]] = Counter()
    found: list[Twin] = []
    for twin in twins:
        had = before(twin)
        baseless = _has_base(way.before, had) and not _has_base(
            way.after, after(way.followed_by(twin))
        )
        sort = had & gone, baseless
        if any(sort) and counts[sort] < EACH:
            counts[sort] += 1
            found.append(twin)
        if len(found) == SAMPLE:
            break
    return Evidence(tuple(fields), tuple(found))


def contradictions(said: Evidence, read: Callable[[str], Twin | None]) -> Iterator[str]:
    """Where a device, read by itself, is not what the query said of it."""
    for twin in said.twins:
        now = read(twin.device)
        if now is None or now.edge is not twin.edge:
            is_there = "has no IoT Edge any more" if now else "is not registered any more"
            yield f"{twin.device} {is_there}"
            continue
        for field in said.fields:
            old, new = cell(looked_up(twin, field)), cell(looked_up(now, field))
            if old != new:
                where = path_text(field.path)
                yield f"{twin.device}: {where} is {_text(new)}, and the query said {_text(old)}"


def _has_base(deployed: Sequence[Deployed], matched: Iterable[int]) -> bool:
    return any(not deployed[at].layered.is_layer for at in matched)


def _text(value: Cell) -> str:
    match value:
        case None:
            return "missing"
        case Odd():
            return value.value
        case str():
            return f"'{value}'"
        case _:
            return f"{value:g}"
