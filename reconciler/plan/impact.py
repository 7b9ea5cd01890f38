"""What a plan does to devices, computed once for each class of devices that are alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconciler.diff import FieldChange
from reconciler.diff.content import content_changes
from reconciler.edge.classes import Folded, folded
from reconciler.edge.condition import Condition, Field, fields
from reconciler.edge.effects import Effects, differ, effects, named_images, named_modules
from reconciler.edge.layering import Effective, RemovedLayer, effective, followed
from reconciler.edge.twin import Twin
from reconciler.model import Diagnostic, ResourceId
from reconciler.plan.deployed import Course, Fate, by_place, conditions
from reconciler.plan.evidence import Evidence
from reconciler.plan.lint import lints
from reconciler.plan.tagging import arrivals


@dataclass(frozen=True, slots=True)
class EffectiveChange:
    """Devices that ran one manifest and will run another."""

    devices: int
    example: str
    before: Effective
    after: Effective
    effects: Effects
    fields: tuple[FieldChange, ...] = ()
    offline: int = 0
    """Of these devices, as the hub sees it."""

    @property
    def loses_base(self) -> bool:
        return bool(self.before.base) and not self.after.base

    @property
    def felt(self) -> bool:
        """Whether the device gets anything: what is weighed and changes nothing there is not."""
        return self.loses_base or bool(self.effects.twins) or differ(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Reach:
    """How many devices one change is for, and what becomes of its modules on some of them."""

    devices: int = 0
    restarts: tuple[str, ...] = ()
    appears: tuple[str, ...] = ()
    vanishes: tuple[str, ...] = ()
    gains: int = 0
    """Devices whose manifest it becomes a part of."""
    loses: int = 0
    """Devices whose manifest it was a part of, and no longer is."""
    twins: tuple[str, ...] = ()
    """Modules of any deployment whose desired properties are sent again."""
    pulls: tuple[str, ...] = ()
    offline: int = 0


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
    gains: int = 0
    """Devices that get a deployment that they did not have."""
    loses: int = 0
    """Devices that no longer have one of the deployments that they had."""
    connected: int = 0
    """Of all devices, as the hub sees it; none at all where nobody tells."""
    unread: tuple[str, ...] = ()
    """Deployments whose condition cannot be read, and why."""
    evidence: Evidence = field(default_factory=Evidence)
    """Devices from which something is taken away, as they were read."""

    @property
    def devices(self) -> int:
        """How many devices get another manifest, get twins again, or lose their base."""
        return sum(each.devices for each in self.changes)

    @property
    def without_base(self) -> int:
        return sum(each.devices for each in self.changes if each.loses_base)

    @property
    def offline(self) -> int:
        """Of the devices on which anything changes, those that will hear of it later."""
        return sum(each.offline for each in self.changes)

    def total(self, of: Callable[[Effects], Sequence[str]]) -> int:
        """How often something happens, over all devices."""
        return sum(each.devices * len(of(each.effects)) for each in self.changes)


def looked_at(way: Course) -> tuple[Field, ...]:
    """What must be known of every device: nothing else is read."""
    found = (f for d in (*way.before, *way.after) if d.condition for f in fields(d.condition))
    return tuple(sorted(set(found), key=lambda each: each.path))


def assess(
    way: Course, twins: Iterable[Twin], reading: RemovedLayer = RemovedLayer.MODULES_GO
) -> Impact:
    """Read every twin once; everything else is done once for each class."""
    groups = _Groups(way)
    before, after = conditions(way.before), conditions(way.after)
    looked = [*before.values(), *after.values()]
    fleet = folded(groups.sieved(twins), looked)
    seen = _joined(fleet.seen, folded(map(way.followed_by, groups.held), looked).seen)
    fates = [*_fates(fleet, list(before), list(after)), *groups.fates(before, after)]
    outcomes = {fate: _outcome(fate, way, reading) for fate in fates}
    parts = _Parts(way)
    unread = tuple(
        f"{d.layered.id}: its condition cannot be read ({d.unread})" for d in way.before if d.unread
    )
    return Impact(
        fleet.devices + len(groups.held),
        tuple(sorted(_merged(outcomes), key=lambda each: (-each.devices, each.example))),
        {**dict(_reaches(way, outcomes, parts)), **groups.reaches()},
        unread,
        tuple(lints(way, fates, seen)),
        sum(each.devices for each in outcomes.values() if parts.gained(each)),
        sum(each.devices for each in outcomes.values() if parts.lost(each)),
        fleet.connected + sum(twin.connected is True for twin in groups.held),
        unread,
    )


def _joined(
    one: Mapping[Field, Mapping[str, int]], two: Mapping[Field, Mapping[str, int]]
) -> Mapping[Field, Mapping[str, int]]:
    """By field, how many devices hold a value of each type, in two parts of a fleet."""
    return {
        looked: {
            kind: types.get(kind, 0) + two[looked].get(kind, 0)
            for kind in types.keys() | two[looked].keys()
        }
        for looked, types in one.items()
    }


def _fates(fleet: Folded, before: Sequence[int], after: Sequence[int]) -> Iterator[Fate]:
    for each in fleet.classes:
        old = frozenset(before[at] for at in each.matched if at < len(before))
        new = frozenset(after[at - len(before)] for at in each.matched if at >= len(before))
        yield Fate(each.devices, each.example, old, new, each.offline)


def _outcome(fate: Fate, way: Course, reading: RemovedLayer) -> EffectiveChange:
    """What happens to a class, even if that is nothing."""
    before = effective(way.before[at].layered for at in fate.before)
    after = followed(before, effective(way.after[at].layered for at in fate.after), reading)
    differences = content_changes(before.documents, after.documents)
    told = effects(before, after)
    return EffectiveChange(
        fate.devices, fate.example, before, after, told, differences, fate.offline
    )


def _merged(outcomes: Mapping[Fate, EffectiveChange]) -> Iterator[EffectiveChange]:
    """One entry for each pair of manifests, however different the classes were otherwise."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], EffectiveChange] = {}
    for each in outcomes.values():
        if each.felt:
            key = each.before.applied, each.after.applied
            known = found.get(key, replace(each, devices=0, offline=0))
            found[key] = replace(
                each,
                devices=known.devices + each.devices,
                example=min(known.example, each.example),
                offline=known.offline + each.offline,
            )
    yield from found.values()


class _Parts:
    """Which deployments made a manifest, by lineage: a new generation is the same deployment."""

    def __init__(self, way: Course) -> None:
        self._lineages = {d.layered.id: d.id.lineage for d in (*way.before, *way.after)}

    def gained(self, change: EffectiveChange) -> frozenset[ResourceId]:
        return self._of(change.after) - self._of(change.before)

    def lost(self, change: EffectiveChange) -> frozenset[ResourceId]:
        return self._of(change.before) - self._of(change.after)

    def _of(self, manifest: Effective) -> frozenset[ResourceId]:
        return frozenset(self._lineages[id_] for id_ in manifest.applied)


def _reaches(
    way: Course, outcomes: Mapping[Fate, EffectiveChange], parts: _Parts
) -> Iterator[tuple[ResourceId, Reach]]:
    own: defaultdict[ResourceId, set[str]] = defaultdict(set)
    for each in (*way.before, *way.after):
        content = each.layered.content
        own[each.id.lineage] |= named_modules(content) | named_images(content)
    reached: defaultdict[ResourceId, list[EffectiveChange]] = defaultdict(list)
    for fate, outcome in outcomes.items():
        ids = {way.before[at].id.lineage for at in fate.before}
        ids |= {way.after[at].id.lineage for at in fate.after}
        for lineage in ids:
            reached[lineage].append(outcome)
    for lineage, named in own.items():
        yield lineage, _reach(lineage, reached[lineage], frozenset(named), parts)


def _reach(
    lineage: ResourceId, found: Sequence[EffectiveChange], own: frozenset[str], parts: _Parts
) -> Reach:
    """`own` are the modules and images that the deployment names, before or after."""
    told = [each.effects for each in found if each.felt]
    return Reach(
        sum(each.devices for each in found),
        tuple(sorted({name for each in told for name in each.restarts} & own)),
        tuple(sorted({name for each in told for name in each.appears} & own)),
        tuple(sorted({name for each in told for name in each.vanishes} & own)),
        sum(each.devices for each in found if lineage in parts.gained(each)),
        sum(each.devices for each in found if lineage in parts.lost(each)),
        tuple(sorted({name for each in told for name in each.twins})),
        tuple(sorted({image for each in told for image in each.pulls} & own)),
        sum(each.offline for each in found),
    )


class _Groups:
    """Devices whose tags a plan changes: each is judged by itself, before and after."""

    def __init__(self, way: Course) -> None:
        self._way = way
        self._named = way.named
        self._new = {twin.device: twin for twin in arrivals(way.tagging)}
        self.held: list[Twin] = []

    def sieved(self, twins: Iterable[Twin]) -> Iterator[Twin]:
        """All twins but those of devices that move; they are kept for later."""
        if not self._named:
            yield from twins
            return
        for twin in twins:
            if twin.device in self._named and twin.edge:
                self.held.append(twin)
                self._new.pop(twin.device, None)  # a query saw it late
            else:
                yield twin
        self.held += self._new.values()

    def fates(
        self, before: Mapping[int, Condition], after: Mapping[int, Condition]
    ) -> Iterator[Fate]:
        found: defaultdict[tuple[frozenset[int], frozenset[int]], list[Twin]] = defaultdict(list)
        old, new = by_place(before), by_place(after)
        for twin in self.held:
            was = frozenset[int]() if twin.device in self._new else old(twin)
            found[was, new(self._way.followed_by(twin))].append(twin)
        for (was, will), twins in found.items():
            devices = sorted(twin.device for twin in twins)
            yield Fate(len(devices), devices[0], was, will, _offline(twins))

    def reaches(self) -> Mapping[ResourceId, Reach]:
        named: defaultdict[ResourceId, set[str]] = defaultdict(set)
        for move in self._way.moves:
            named[move.group.lineage] |= move.joins | move.leaves
        for device, tagging in self._way.tagging.items():
            named[tagging.by].add(device)
        held = {twin.device: twin for twin in self.held}
        found = {id_: [held[d] for d in names if d in held] for id_, names in named.items()}
        return {id_: Reach(len(twins), offline=_offline(twins)) for id_, twins in found.items()}


def _offline(twins: Iterable[Twin]) -> int:
    return sum(twin.connected is False for twin in twins)
