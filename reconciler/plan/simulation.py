"""What a device runs, what it will run, and who put each part there; or a whole group of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.edge.classes import judge
from reconciler.edge.condition import Condition
from reconciler.edge.condition_text import parse
from reconciler.edge.effects import Effects, effects
from reconciler.edge.evaluation import matches
from reconciler.edge.layering import Effective, RemovedLayer, effective, followed
from reconciler.edge.provenance import Part, parts
from reconciler.edge.twin import Twin
from reconciler.model import Spec, sequence, text
from reconciler.plan.deployed import Course, Deployed
from reconciler.plan.tagging import arrivals

EXAMPLES = 3
"""Devices that are named of those that are alike."""


@dataclass(frozen=True, slots=True)
class Simulation:
    device: str
    edge: bool
    before: Effective
    after: Effective
    effects: Effects
    deployed: Mapping[str, Deployed]
    """By the id that the manifests call each deployment."""
    new: bool = False
    """Whether it is only registered by this plan: it runs nothing yet."""

    def parts(self) -> Iterator[tuple[Part, Deployed | None]]:
        """Each part of what it will run, and the deployment that gives it."""
        for part in parts(self.after):
            yield part, self.deployed.get(part.by)


@dataclass(frozen=True, slots=True)
class Alike:
    """Devices that run one manifest and will run another; the simulation is of the first."""

    simulation: Simulation
    devices: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupSimulation:
    group: str
    devices: int
    of: int
    """With IoT Edge."""
    alike: tuple[Alike, ...] = ()
    """Those with the most devices first."""
    unregistered: tuple[str, ...] = ()
    """Members by name that are not there."""


@dataclass(frozen=True, slots=True)
class Group:
    """Who belongs to a group once the fleet is applied: by its list, else by its condition."""

    name: str
    condition: Condition
    listed: frozenset[str] | None = None

    @classmethod
    def of(cls, name: str, spec: Spec) -> Group:
        listed = frozenset(text(device) for device in sequence(spec.get("devices")))
        condition = parse(text(spec["targetCondition"]))
        return cls(name, condition, listed if "devices" in spec else None)

    @property
    def members(self) -> Callable[[Twin], bool]:
        """A function on devices that have the tags that they will have."""
        listed = self.listed
        if listed is not None:
            return lambda twin: twin.edge and twin.device in listed
        judged = judge([self.condition])
        return lambda twin: bool(judged(twin))


def simulate_group(
    way: Course,
    group: Group,
    twins: Iterable[Twin],
    reading: RemovedLayer = RemovedLayer.MODULES_GO,
) -> GroupSimulation:
    """Read every twin once; what devices of one kind run is worked out once."""
    member, before, after = group.members, _matching(way.before), _matching(way.after)
    found: dict[tuple[frozenset[int], frozenset[int], bool], _Devices] = {}
    seen: set[str] = set()
    of = 0
    for twin, new in _with_arrivals(way, twins):
        of += twin.edge
        will_be = way.followed_by(twin)
        if member(will_be):
            seen.add(twin.device)
            key = before(twin), after(will_be), new
            found.setdefault(key, _Devices(twin, new)).names.append(twin.device)
    return GroupSimulation(
        group.name,
        len(seen),
        of,
        _alike(found.values(), lambda each: simulate(way, each.twin, reading, new=each.new)),
        tuple(sorted((group.listed or frozenset()) - seen)),
    )


def _with_arrivals(way: Course, twins: Iterable[Twin]) -> Iterator[tuple[Twin, bool]]:
    """Each device, and whether it is only registered by this plan."""
    new = {twin.device: twin for twin in arrivals(way.tagging)}
    for twin in twins:
        new.pop(twin.device, None)
        yield twin, False
    yield from ((twin, True) for twin in new.values())


@dataclass(frozen=True, slots=True)
class _Devices:
    """Of one kind; any of them stands for all."""

    twin: Twin
    new: bool
    names: list[str] = field(default_factory=list)


def _alike(
    found: Iterable[_Devices], simulated: Callable[[_Devices], Simulation]
) -> tuple[Alike, ...]:
    """One entry for each pair of manifests, however different the devices are otherwise."""
    merged: dict[tuple[object, ...], tuple[Simulation, list[str]]] = {}
    for devices in found:
        simulation = simulated(devices)
        key = simulation.new, simulation.before.applied, simulation.after.applied
        merged.setdefault(key, (simulation, []))[1].extend(devices.names)
    entries = (
        Alike(simulation, len(names), tuple(sorted(names)[:EXAMPLES]))
        for simulation, names in merged.values()
    )
    return tuple(sorted(entries, key=lambda each: (-each.devices, each.examples)))


def _matching(deployed: Sequence[Deployed]) -> Callable[[Twin], frozenset[int]]:
    return judge([each.condition for each in deployed if each.condition])


def simulate(
    way: Course,
    twin: Twin,
    reading: RemovedLayer = RemovedLayer.MODULES_GO,
    *,
    new: bool = False,
) -> Simulation:
    """What the hub has made of a device, and what it will make of it."""
    before = Effective() if new else _manifest(way.before, twin)
    after = followed(before, _manifest(way.after, way.followed_by(twin)), reading)
    known = {each.layered.id: each for each in (*way.before, *way.after)}
    return Simulation(twin.device, twin.edge, before, after, effects(before, after), known, new)


def _manifest(deployed: Sequence[Deployed], twin: Twin) -> Effective:
    return effective(d.layered for d in deployed if d.condition and matches(d.condition, twin))
