"""The tags that a plan gives to devices themselves, and the devices that it registers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.diff import Action, Change
from reconciler.edge.twin import Twin
from reconciler.model import ResourceId, Spec, mapping

DEVICE = "Device"


@dataclass(frozen=True, slots=True)
class Tagging:
    """What becomes of the tags of one device."""

    by: ResourceId
    tags: Spec = field(default_factory=dict)
    """Leaves; None takes one away."""
    new: bool = False
    """Whether the device is registered by this plan."""

    def given_to(self, twin: Twin) -> Twin:
        return twin._replace(tags=_merged(twin.tags, self.tags))


Taggings = Mapping[str, Tagging]
"""By the id of the device."""


def taggings(changes: Iterable[Change]) -> Taggings:
    """Of the devices whose tags these changes write."""
    found: dict[str, Tagging] = {}
    for change in changes:
        if change.id.kind == DEVICE and change.action in {Action.CREATE, Action.UPDATE}:
            found.update(_written(change))
    return found


def arrivals(given: Taggings) -> Iterator[Twin]:
    """The devices that are registered, as they come."""
    for device, tagging in given.items():
        if tagging.new:
            yield tagging.given_to(Twin(device))


def _written(change: Change) -> Iterator[tuple[str, Tagging]]:
    before = mapping(change.before.spec["devices"]) if change.before else {}
    after = mapping(change.after.spec["devices"]) if change.after else {}
    for device, wish in after.items():
        tags, had = mapping(mapping(wish).get("tags")), mapping(before.get(device)).get("tags")
        if device not in before or tags != had:
            yield device, Tagging(change.id.lineage, tags, device not in before)


def _merged(tags: Mapping[str, object], given: Spec) -> dict[str, object]:
    found = dict(tags)
    for key, value in given.items():
        if isinstance(value, Mapping):
            have = found.get(key)
            found[key] = _merged(have if isinstance(have, Mapping) else {}, value)
        elif value is None:
            found.pop(key, None)
        else:
            found[key] = value
    return found
