"""The deployments that stand before a plan is carried out, and those that stand afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from reconciler.diff import Action, Change
from reconciler.edge.canonical import passwords
from reconciler.edge.classes import judge
from reconciler.edge.condition import Compare, Condition
from reconciler.edge.condition_text import ConditionError, parse
from reconciler.edge.layering import Layered
from reconciler.edge.twin import Twin
from reconciler.model import (
    MASK,
    Origin,
    Resource,
    ResourceId,
    Spec,
    Value,
    mapping,
    replaced,
    sequence,
    text,
)
from reconciler.plan.secrets import COUNTER
from reconciler.plan.tagging import Taggings, taggings


@dataclass(frozen=True, slots=True)
class Deployed:
    """One deployment as the hub weighs it; without a condition it is for no device."""

    layered: Layered
    condition: Condition | None
    id: ResourceId
    origin: Origin | None = None
    unread: str = ""
    """Why its condition could not be read."""
    owned: bool = False
    """Whether it carries our mark; without an origin, git no longer asks for it."""
    group: ResourceId | None = None
    """Where its condition is written; not known of what git no longer asks for."""


@dataclass(frozen=True, slots=True)
class Move:
    """Devices that a plan puts into a group or takes out, by the leaf of its tag."""

    group: ResourceId
    leaf: tuple[str, ...]
    """The keys below `tags`."""
    joins: frozenset[str] = frozenset()
    leaves: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Course:
    """Where a plan starts from, and where it leads."""

    before: tuple[Deployed, ...] = ()
    after: tuple[Deployed, ...] = ()
    moves: tuple[Move, ...] = ()
    groups: Mapping[ResourceId, Resource] = field(default_factory=dict)
    """The documents that conditions are written in."""
    tagging: Taggings = field(default_factory=dict)

    @property
    def leads_on(self) -> bool:
        """Whether anything can become of any device."""
        return self.before != self.after or bool(self.moves or self.tagging)

    @property
    def named(self) -> frozenset[str]:
        """The devices whose tags this changes."""
        return frozenset(self.tagging).union(self._moves_of)

    @cached_property
    def _moves_of(self) -> Mapping[str, Sequence[Move]]:
        """By device: there may be as many groups as there are devices."""
        found: defaultdict[str, list[Move]] = defaultdict(list)
        for move in self.moves:
            for device in move.joins | move.leaves:
                found[device].append(move)
        return dict(found)

    def followed_by(self, twin: Twin) -> Twin:
        """The device with the tags that the plan gives it."""
        given = self.tagging.get(twin.device)
        tags = (given.given_to(twin) if given else twin).tags
        for move in self._moves_of.get(twin.device, ()):
            tags = _tagged(tags, move.leaf, member=twin.device in move.joins)
        return twin if tags is twin.tags else twin._replace(tags=tags)


@dataclass(frozen=True, slots=True)
class Fate:
    """Devices that are alike: the places of their deployments before and after."""

    devices: int
    example: str
    before: frozenset[int]
    after: frozenset[int]
    offline: int = 0


def course(
    seen: Iterable[Change],
    changes: Sequence[Change],
    desired: Mapping[ResourceId, Resource] | None = None,
) -> Course:
    """What some changes make of what was observed, whether that is to be changed or not."""
    known = tuple(seen)
    observed = sorted((change for change in known if change.before), key=_created)
    found = [deployed for change in observed for deployed in _live(change)]
    before = tuple(replace(d, layered=replace(d.layered, age=n)) for n, d in enumerate(found))
    counters = {change.id: change.after.spec.get(COUNTER) for change in known if change.after}
    after = tuple(_after(before, changes, counters))
    named = {each.group for each in after}
    groups = {id_: group for id_, group in (desired or {}).items() if id_ in named}
    return Course(before, after, tuple(_moves(changes)), groups, taggings(changes))


def conditions(deployed: Sequence[Deployed]) -> dict[int, Condition]:
    """By place, for those that are for any device."""
    return {at: each.condition for at, each in enumerate(deployed) if each.condition}


def by_place(wanted: Mapping[int, Condition]) -> Callable[[Twin], frozenset[int]]:
    """A function that says which conditions select a device, by their places."""
    places, judged = list(wanted), judge(list(wanted.values()))
    return lambda twin: frozenset(places[at] for at in judged(twin))


def memberships(seen: Iterable[Change]) -> Iterator[Move]:
    """Who is in the groups that list their devices, as the hub holds it."""
    for change in seen:
        if change.before and "devices" in change.before.spec:
            leaf = _leaf(change.before.spec)
            if leaf:
                yield Move(change.id, leaf, _devices(change.before.spec["devices"]))


def _created(change: Change) -> tuple[str, str]:
    have = change.before
    return (str(have.status.get("created") or ""), have.address) if have else ("", "")


def _live(change: Change) -> Iterator[Deployed]:
    have = change.before
    content = _modules(have.content) if have else {}
    if have and content:
        held = {name: secret.counter for name, secret in have.secrets.items()}
        layered = Layered(have.address, 0, 0, _counted(content, held))
        found = _deployed(layered, have.spec, change.id, change.after)
        yield replace(found, owned=have.owned)


def _after(
    before: Sequence[Deployed], changes: Sequence[Change], counters: Mapping[ResourceId, Value]
) -> Iterator[Deployed]:
    by_id: Mapping[ResourceId, Change] = {change.id: change for change in changes}
    for deployed in before:
        match by_id.get(deployed.id):
            case Change(action=Action.DELETE):
                continue
            case Change(action=Action.UPDATE, after=want) if want:
                yield _deployed(deployed.layered, want.spec, deployed.id, want)
            case _:
                yield deployed
    for age, change in enumerate(changes, start=len(before)):
        content = _modules(change.content)
        want = change.settled or change.after
        if change.action is Action.CREATE and want and content:
            held = {ref.name: counters[ref] for ref in want.refs.values() if counters.get(ref)}
            layered = Layered(f"{change.id.name} (new)", 0, age, _counted(content, held))
            yield _deployed(layered, want.spec, change.id, want)


def _counted(content: Spec, held: Mapping[str, Value]) -> Spec:
    """Passwords are masked; how often they were rotated tells one from the next."""
    told = ", ".join(f"{name} {counter}" for name, counter in sorted(held.items()))
    return (
        replaced(content, dict.fromkeys(passwords(content), f"{MASK}: {told}")) if told else content
    )


def _deployed(
    layered: Layered, spec: Spec, resource_id: ResourceId, asked: Resource | None
) -> Deployed:
    priority = spec.get("priority")
    weighed = replace(layered, priority=priority if isinstance(priority, int) else 0)
    written = text(spec.get("targetCondition"))
    origin = asked.origin if asked else None
    named = asked.refs.get(("targetCondition",)) if asked else None
    group = named.lineage if named else None
    if not written.strip():
        return Deployed(weighed, None, resource_id, origin, group=group)
    try:
        return Deployed(weighed, parse(written), resource_id, origin, group=group)
    except ConditionError as error:
        return Deployed(weighed, None, resource_id, origin, str(error), group=group)


def _moves(changes: Iterable[Change]) -> Iterator[Move]:
    for change in changes:
        old = change.before.spec if change.before else {}
        new = change.after.spec if change.after else {}
        if "devices" not in old and "devices" not in new:
            continue
        leaf = _leaf(new or old)
        before, after = _devices(old.get("devices")), _devices(new.get("devices"))
        if leaf:
            # Members that are not registered yet count as there: whoever appears is tagged again.
            yield Move(change.id, leaf, after, before - after)


def _leaf(spec: Spec) -> tuple[str, ...]:
    match parse(text(spec.get("targetCondition")) or "*"):
        case Compare(field) if field.path[0] == "tags":
            return field.path[1:]
        case _:
            return ()


def _devices(value: Value) -> frozenset[str]:
    return frozenset(text(device) for device in sequence(value))


def _modules(content: Spec) -> Spec:
    return mapping(mapping(content.get("content")).get("modulesContent"))


def _tagged(tags: object, keys: tuple[str, ...], *, member: bool) -> dict[str, object]:
    """The tags with the leaf, or without it."""
    found = dict(tags) if isinstance(tags, Mapping) else {}
    head, *rest = keys
    if rest:
        found[head] = _tagged(found.get(head), tuple(rest), member=member)
    elif member:
        found[head] = True
    else:
        found.pop(head, None)
    return found
