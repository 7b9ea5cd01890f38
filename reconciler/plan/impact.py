"""What a plan does to devices, computed once for each class of devices that are alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.diff import FieldChange
from reconciler.diff.content import content_changes
from reconciler.edge.classes import Folded, folded, judge
from reconciler.edge.condition import Condition, Field, fields
from reconciler.edge.effects import Effects, differ, effects, named_modules
from reconciler.edge.layering import Effective, RemovedLayer, effective, followed
from reconciler.edge.twin import Twin
from reconciler.model import Diagnostic, ResourceId
from reconciler.plan.deployed import Course, Deployed, Fate, Move, moved
from reconciler.plan.lint import lints


@dataclass(frozen=True, slots=True)
class EffectiveChange:
    """Devices that ran one manifest and will run another."""

    devices: int
    example: str
    before: Effective
    after: Effective
    effects: Effects
    fields: tuple[FieldChange, ...] = ()

    @property
    def loses_base(self) -> bool:
        return bool(self.before.base) and not self.after.base


@dataclass(frozen=True, slots=True)
class Reach:
    """How many devices one change is for, and which of its modules restart on some of them."""

    devices: int = 0
    restarts: tuple[str, ...] = ()
    appears: tuple[str, ...] = ()
    vanishes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """What becomes of the devices of the hub that have IoT Edge."""

    of: int = 0
    changes: tuple[EffectiveChange, ...] = ()
    """Those with the most devices first."""
    reach: Mapping[ResourceId, Reach] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    """Why the counts may not be complete."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What is probably not meant, seen only with the devices at hand."""

    @property
    def devices(self) -> int:
        """How many devices get another manifest, get twins again, or lose their base."""
        return sum(each.devices for each in self.changes)

    @property
    def without_base(self) -> int:
        return sum(each.devices for each in self.changes if each.loses_base)


def looked_at(way: Course) -> tuple[Field, ...]:
    """What must be known of every device: nothing else is read."""
    found = (f for d in (*way.before, *way.after) if d.condition for f in fields(d.condition))
    return tuple(sorted(set(found), key=lambda each: each.path))


def assess(
    way: Course, twins: Iterable[Twin], reading: RemovedLayer = RemovedLayer.MODULES_GO
) -> Impact:
    """Read every twin once; everything else is done once for each class."""
    groups = _Groups(way.moves)
    before, after = _conditions(way.before), _conditions(way.after)
    fleet = folded(groups.sieved(twins), [*before.values(), *after.values()])
    fates = [*_fates(fleet, list(before), list(after)), *groups.fates(before, after)]
    outcomes = {fate: _outcome(fate, way, reading) for fate in fates}
    return Impact(
        fleet.devices + len(groups.held),
        tuple(sorted(_merged(outcomes), key=lambda each: (-each.devices, each.example))),
        {**dict(_reaches(way, outcomes)), **groups.reaches()},
        tuple(
            f"{d.layered.id}: its condition cannot be read ({d.unread})"
            for d in way.before
            if d.unread
        ),
        tuple(lints(way, fates, fleet.seen)),
    )


def _conditions(deployed: Sequence[Deployed]) -> dict[int, Condition]:
    return {at: each.condition for at, each in enumerate(deployed) if each.condition}


def _fates(fleet: Folded, before: Sequence[int], after: Sequence[int]) -> Iterator[Fate]:
    for each in fleet.classes:
        old = frozenset(before[at] for at in each.matched if at < len(before))
        new = frozenset(after[at - len(before)] for at in each.matched if at >= len(before))
        yield Fate(each.devices, each.example, old, new)


def _outcome(fate: Fate, way: Course, reading: RemovedLayer) -> EffectiveChange | None:
    """What happens to a class; None where nothing does."""
    before = effective(way.before[at].layered for at in fate.before)
    after = followed(before, effective(way.after[at].layered for at in fate.after), reading)
    told = effects(before, after)
    if not differ(before, after) and not told.twins and (after.base or not before.base):
        return None
    differences = content_changes(before.documents, after.documents)
    return EffectiveChange(fate.devices, fate.example, before, after, told, differences)


def _merged(outcomes: Mapping[Fate, EffectiveChange | None]) -> Iterator[EffectiveChange]:
    """One entry for each pair of manifests, however different the classes were otherwise."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], EffectiveChange] = {}
    for each in outcomes.values():
        if each:
            key = each.before.applied, each.after.applied
            known = found.get(key)
            devices = each.devices + (known.devices if known else 0)
            found[key] = EffectiveChange(
                devices,
                min(known.example, each.example) if known else each.example,
                each.before,
                each.after,
                each.effects,
                each.fields,
            )
    yield from found.values()


def _reaches(
    way: Course, outcomes: Mapping[Fate, EffectiveChange | None]
) -> Iterator[tuple[ResourceId, Reach]]:
    modules: defaultdict[ResourceId, set[str]] = defaultdict(set)
    for each in (*way.before, *way.after):
        modules[each.id.lineage] |= named_modules(each.layered.content)
    reached: defaultdict[ResourceId, list[Fate]] = defaultdict(list)
    for fate in outcomes:
        ids = {way.before[at].id.lineage for at in fate.before}
        ids |= {way.after[at].id.lineage for at in fate.after}
        for lineage in ids:
            reached[lineage].append(fate)
    for lineage, own in modules.items():
        found = [outcomes[fate] for fate in reached[lineage]]
        told = [each.effects for each in found if each]
        yield (
            lineage,
            Reach(
                sum(fate.devices for fate in reached[lineage]),
                tuple(sorted({name for each in told for name in each.restarts} & own)),
                tuple(sorted({name for each in told for name in each.appears} & own)),
                tuple(sorted({name for each in told for name in each.vanishes} & own)),
            ),
        )


class _Groups:
    """Devices whose tags a plan changes: each is judged by itself, before and after."""

    def __init__(self, moves: Sequence[Move]) -> None:
        self._moves = moves
        self._named = frozenset(d for move in moves for d in move.joins | move.leaves)
        self.held: list[Twin] = []

    def sieved(self, twins: Iterable[Twin]) -> Iterator[Twin]:
        """All twins but those of devices that move; they are kept for later."""
        if not self._named:
            yield from twins
            return
        for twin in twins:
            if twin.device in self._named and twin.edge:
                self.held.append(twin)
            else:
                yield twin

    def fates(
        self, before: Mapping[int, Condition], after: Mapping[int, Condition]
    ) -> Iterator[Fate]:
        counts: defaultdict[tuple[frozenset[int], frozenset[int]], list[str]] = defaultdict(list)
        old, new = _by_place(before), _by_place(after)
        for twin in self.held:
            counts[old(twin), new(moved(twin, self._moves))].append(twin.device)
        for (was, will), devices in sorted(counts.items(), key=lambda item: item[1]):
            yield Fate(len(devices), min(devices), was, will)

    def reaches(self) -> Mapping[ResourceId, Reach]:
        registered = {twin.device for twin in self.held}
        return {
            move.group.lineage: Reach(len(registered & (move.joins | move.leaves)))
            for move in self._moves
        }


def _by_place(conditions: Mapping[int, Condition]) -> Callable[[Twin], frozenset[int]]:
    places = list(conditions)
    judged = judge(list(conditions.values()))
    return lambda twin: frozenset(places[at] for at in judged(twin))
