"""A fleet folded into classes: devices that match the same deployments are one.

A value is only as much as conditions can tell of it: which of the values that they name it
equals, or between which two it lies. Devices that no condition can tell apart are judged once,
so that a million devices cost little more than being read.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from reconciler.edge.condition import (
    Condition,
    Field,
    comparisons,
    fields,
)
from reconciler.edge.evaluation import Row, compiled
from reconciler.edge.twin import Cell, Odd, Twin, below, cell, type_of

Sort: TypeAlias = tuple[int, ...]
"""What conditions can tell of a device, a number for each field that they look at."""

_ODD: Mapping[Cell, int] = {None: 0, Odd.TRUE: 1, Odd.FALSE: 2, Odd.WHOLE: 3}
_OTHER_TEXT, _OTHER_NUMBER, _FIRST = 4, 5, 6
_REMEMBERED = 10_000
"""Values of one field whose place is kept; where there are more, each is looked up again."""


@dataclass(frozen=True, slots=True)
class DeviceClass:
    """Devices that match the same conditions, told by their place in the list of conditions."""

    matched: frozenset[int]
    devices: int
    example: str
    """The first device of it that was read."""
    offline: int = 0
    """Of these devices, as far as they say."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A whole fleet."""

    classes: tuple[DeviceClass, ...] = ()
    """The largest first."""
    devices: int = 0
    """With IoT Edge."""
    leaves: int = 0
    """Without it: no deployment is for them."""
    connected: int = 0
    """Of the devices with IoT Edge, those that are said to be."""
    seen: Mapping[Field, Mapping[str, int]] = field(default_factory=dict)
    """By field, how many devices hold a value of each type there."""

    def matching(self, condition: int) -> int:
        return sum(each.devices for each in self.classes if condition in each.matched)


def folded(twins: Iterable[Twin], conditions: Sequence[Condition]) -> Folded:
    """Read every twin once, and judge one of each sort."""
    looked = tuple(dict.fromkeys(f for condition in conditions for f in fields(condition)))
    counts, firsts, states = _sorts(twins, looked, [_Places(f, conditions) for f in looked])
    columns = {each: at for at, each in enumerate(looked)}
    tests = [compiled(condition, columns) for condition in conditions]
    grouped: dict[frozenset[int], DeviceClass] = {}
    for sort, (row, example) in firsts.items():
        matched = frozenset(at for at, test in enumerate(tests) if test(row) is True)
        known = grouped.get(matched, DeviceClass(matched, 0, example))
        grouped[matched] = replace(
            known,
            devices=known.devices + counts[sort],
            offline=known.offline + states.offline.get(sort, 0),
        )
    return Folded(
        tuple(sorted(grouped.values(), key=lambda each: (-each.devices, sorted(each.matched)))),
        sum(counts.values()),
        states.leaves,
        states.connected,
        _types(looked, [(row, counts[sort]) for sort, (row, _) in firsts.items()]),
    )


def judge(conditions: Sequence[Condition]) -> Callable[[Twin], frozenset[int]]:
    """A function that says which of the conditions select a device."""
    looked = tuple(dict.fromkeys(f for condition in conditions for f in fields(condition)))
    getters = [_getter(each) for each in looked]
    columns = {each: at for at, each in enumerate(looked)}
    tests = [compiled(condition, columns) for condition in conditions]

    known: dict[tuple[Cell, ...], frozenset[int]] = {}

    def judged(twin: Twin) -> frozenset[int]:
        if not twin.edge:
            return frozenset()
        row = [cell(get(twin)) for get in getters]
        found = known.get(key := tuple(row))
        if found is None:
            found = frozenset(at for at, test in enumerate(tests) if test(row) is True)
            if len(known) < _REMEMBERED:
                known[key] = found
        return found

    return judged


@dataclass(slots=True)
class _States:
    """What else is counted: devices without IoT Edge, connected ones, others by sort."""

    leaves: int = 0
    connected: int = 0
    offline: dict[Sort, int] = field(default_factory=dict)

    def add(self, sort: Sort, *, connected: bool) -> None:
        if connected:
            self.connected += 1
        else:
            self.offline[sort] = self.offline.get(sort, 0) + 1


def _sorts(
    twins: Iterable[Twin], looked: Sequence[Field], places: Sequence[_Places]
) -> tuple[dict[Sort, int], dict[Sort, tuple[Row, str]], _States]:
    """How many devices there are of each sort, the first of them, and what else is counted.

    This is the one loop over all devices.
    """
    getters = [_getter(each) for each in looked]
    counts: dict[Sort, int] = {}
    firsts: dict[Sort, tuple[Row, str]] = {}
    states = _States()
    for twin in twins:
        if not twin.edge:
            states.leaves += 1
            continue
        row: Row = [v if isinstance(v := get(twin), str) else cell(v) for get in getters]
        sort = tuple([of[v] for of, v in zip(places, row, strict=True)])
        count = counts.get(sort, 0)
        if not count:
            firsts[sort] = row, twin.device
        counts[sort] = count + 1
        if twin.connected is not None:
            states.add(sort, connected=twin.connected)
    return counts, firsts, states


def _getter(looked: Field) -> Callable[[Twin], object]:
    match looked.path:
        case ("tags", key):
            return lambda twin: twin.tags.get(key)
        case ("tags", *keys):
            return lambda twin: below(twin.tags, keys)
        case ("properties", "reported", *keys):
            return lambda twin: below(twin.reported, keys)
        case _:
            return lambda twin: twin.device


class _Places(dict[Cell, int]):
    """For each value of one field, the number of what conditions can tell of it."""

    def __init__(self, of: Field, conditions: Iterable[Condition]) -> None:
        super().__init__(_ODD)
        found = [c for condition in conditions for c in comparisons(condition) if c.field == of]
        values = {each.value for each in found if not isinstance(each.value, bool)}
        self._ordered = any(each.operator not in {"=", "!="} for each in found)
        self._texts = sorted(value for value in values if isinstance(value, str))
        self._numbers = sorted(value for value in values if not isinstance(value, str))

    def __missing__(self, value: Cell) -> int:
        place = self._place(value)
        if len(self) < _REMEMBERED:
            self[value] = place
        return place

    def _place(self, value: Cell) -> int:
        """Texts count up from those that are neither, numbers count down."""
        if isinstance(value, str):
            at = bisect_left(self._texts, value)
            equal = at < len(self._texts) and self._texts[at] == value
            return _FIRST + 2 * at + equal if equal or self._ordered else _OTHER_TEXT
        if isinstance(value, int | float):
            at = bisect_left(self._numbers, value)
            equal = at < len(self._numbers) and self._numbers[at] == value
            return -1 - 2 * at - equal if equal or self._ordered else _OTHER_NUMBER
        raise KeyError(value)


def _types(
    looked: Sequence[Field], rows: Sequence[tuple[Row, int]]
) -> Mapping[Field, Mapping[str, int]]:
    found: dict[Field, dict[str, int]] = {each: {} for each in looked}
    for row, count in rows:
        for each, value in zip(looked, row, strict=True):
            if value is not None:
                kind = type_of(value)
                found[each][kind] = found[each].get(kind, 0) + count
    return found
