"""How many devices each group has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from reconciler.edge.classes import folded
from reconciler.edge.condition import Condition, Field, fields
from reconciler.edge.condition_text import ConditionError, parse
from reconciler.edge.twin import Twin
from reconciler.model import Resource, ResourceId, sequence, text

GROUP = "DeviceGroup"


def looked_at(desired: Iterable[Resource]) -> tuple[Field, ...]:
    """What must be known of every device."""
    found = {field for condition in _conditions(desired).values() for field in fields(condition)}
    return tuple(sorted(found, key=lambda field: field.path))


def members(desired: Iterable[Resource], twins: Iterable[Twin]) -> Mapping[ResourceId, int]:
    """By group, the devices with IoT Edge that it selects or, once it is applied, will select."""
    groups = tuple(desired)
    conditions, listed = _conditions(groups), dict(_lists(groups))
    named: defaultdict[str, list[ResourceId]] = defaultdict(list)
    for id_, devices in listed.items():
        for device in devices:
            named[device].append(id_)
    tally = Counter[ResourceId]()
    fleet = folded(_counting(twins, named, tally), list(conditions.values()))
    selected = {id_: fleet.matching(at) for at, id_ in enumerate(conditions)}
    return {**selected, **{id_: tally[id_] for id_ in listed}}


def _counting(
    twins: Iterable[Twin], named: Mapping[str, Iterable[ResourceId]], tally: Counter[ResourceId]
) -> Iterator[Twin]:
    """The same twins; those that groups name are counted on the way."""
    for twin in twins:
        if twin.edge and twin.device in named:
            tally.update(named[twin.device])
        yield twin


def _conditions(desired: Iterable[Resource]) -> dict[ResourceId, Condition]:
    """Of groups that do not list their devices; one that cannot be read has no count."""
    found = {}
    for resource in desired:
        if resource.id.kind != GROUP or "devices" in resource.spec:
            continue
        try:
            found[resource.id.lineage] = parse(text(resource.spec["targetCondition"]))
        except ConditionError:
            continue
    return found


def _lists(desired: Iterable[Resource]) -> Iterator[tuple[ResourceId, frozenset[str]]]:
    for resource in desired:
        if resource.id.kind == GROUP and "devices" in resource.spec:
            devices = sequence(resource.spec["devices"])
            yield resource.id.lineage, frozenset(text(device) for device in devices)
