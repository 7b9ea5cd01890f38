"""Keeps the devices of a DeviceGroup as leaves of their twins' tags.

A group that lists its devices is `tags.reconciler.<owner>.<group> = true` on each of them: one
leaf per group, so that a device may be in many, and tags of others are never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from reconciler.kinds.device_group.spec import normalize
from reconciler.model import (
    Diagnostic,
    Observed,
    Resolved,
    Resource,
    ResourceId,
    Severity,
    Spec,
    Value,
    mapping,
    sequence,
    text,
)
from reconciler.providers.azure import lease
from reconciler.providers.azure.fault import FaultError, told
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.values import Json, frozen
from reconciler.providers.port import Progress, Reading

KIND = "DeviceGroup"
ROOT = "reconciler"
QUERY = "SELECT deviceId, tags.reconciler AS marks FROM devices"
ATTEMPTS = 3
AT_ONCE = 8
"""Twins that are written at the same time: the hub takes fifty a second."""
SHOWN = 5
"""How many missing devices are named."""
STALE, MISSING = 412, 404


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the registry says: which devices there are, and who is in which of our groups."""

    devices: frozenset[str] = frozenset()
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeviceGroupHandler:
    session: AzureSession

    @told()
    def observe(self, wanted: Sequence[Resource]) -> Reading:
        """One query if any group lists devices, else nothing is asked."""
        listed = {want.id.name: want for want in wanted if "devices" in want.spec}
        items = [Observed(w.id.lineage, w.spec) for w in wanted if w.id.name not in listed]
        if not listed:
            return Reading(tuple(items))
        fleet = self._fleet()
        for name in sorted({*listed, *fleet.members}):
            items += self._group(name, listed.get(name), fleet)
        return Reading(tuple(items), tuple(_pending(listed.values(), fleet.devices)))

    @told()
    def create(self, want: Resource, resolved: Resolved) -> Observed:
        del resolved  # a group refers to nothing
        self._mark(want.id, _devices(want.spec), member=True)
        return self._written(want)

    @told()
    def update(self, have: Observed, want: Resource, resolved: Resolved) -> Observed:
        del resolved  # as above
        before, after = _devices(have.spec), _devices(want.spec)
        self._mark(want.id, after - before, member=True)
        self._mark(want.id, before - after, member=False)
        return self._written(want)

    @told()
    def delete(self, have: Observed) -> None:
        self._mark(have.id, _devices(have.spec), member=False)

    def _fleet(self) -> Fleet:
        devices, members = set(), dict[str, set[str]]()
        for row in self.session.hub.query(QUERY):
            device = str(row["deviceId"])
            if device.startswith(lease.PREFIX):
                continue
            devices.add(device)
            groups = mapping(mapping(frozen(row.get("marks"))).get(self._owner))
            for group in (name for name, leaf in groups.items() if leaf is True):
                members.setdefault(group, set()).add(device)
        return Fleet(frozenset(devices), {name: frozenset(held) for name, held in members.items()})

    def _group(self, name: str, want: Resource | None, fleet: Fleet) -> Iterator[Observed]:
        """As it is; devices that are wanted and not registered yet count as members."""
        asked = _devices(want.spec) if want else frozenset()
        members = fleet.members.get(name, frozenset())
        if members or not asked & fleet.devices:
            yield self._observed(name, members | (asked - fleet.devices))

    def _observed(self, name: str, devices: Iterable[str]) -> Observed:
        spec: Spec = {"devices": tuple(sorted(devices)), "owner": self._owner, "name": name}
        return Observed(
            ResourceId(KIND, name), normalize(spec, {}), owned=True, address=f"tags.{ROOT}"
        )

    def _written(self, want: Resource) -> Observed:
        return self._observed(want.id.name, _devices(want.spec))

    def _mark(self, group: ResourceId, devices: Iterable[str], *, member: bool) -> None:
        """Set or remove one leaf on each device, several at a time."""
        names = sorted(devices)
        given = self.session.surroundings
        with ThreadPoolExecutor(AT_ONCE) as pool:
            done = pool.map(partial(self._mark_one, group.name, member=member), names)
            for number, is_there in enumerate(done, start=1):
                given.notify(Progress(group, "tagging devices", number, len(names)))
                if member and not is_there:
                    # A query names a device long after it was deleted: only its twin is current.
                    waiting = f"{names[number - 1]} is not registered; it joins when it is"
                    given.notify(Progress(group, waiting))

    def _mark_one(self, group: str, device: str, *, member: bool) -> bool:
        """Whether the device is there."""
        leaf = True if member else None
        for number in range(ATTEMPTS + 1):
            twin = self.session.hub.twin(device)
            if twin is None or self._leaf(twin, group) is leaf:
                return twin is not None
            patch: dict[str, Json] = {ROOT: {self._owner: {group: leaf}}}
            try:
                self.session.hub.patch_tags(device, patch, twin["etag"])
            except FaultError as error:
                if number == ATTEMPTS or not _looks_again(error):
                    raise
                self.session.surroundings.patience.pause(number)
            else:
                return True
        raise AssertionError("the attempts end with an error")

    def _leaf(self, twin: Mapping[str, object], group: str) -> Value:
        marks = mapping(mapping(frozen(twin.get("tags"))).get(ROOT))
        return mapping(marks.get(self._owner)).get(group)

    @property
    def _owner(self) -> str:
        return self.session.scribe.scope.owner


def _looks_again(error: FaultError) -> bool:
    """Whether the twin must be read again: it moved, or went, or nobody knows."""
    return error.fault.ambiguous or error.fault.status in {STALE, MISSING}


def _devices(spec: Mapping[str, Value]) -> frozenset[str]:
    return frozenset(text(device) for device in sequence(spec.get("devices")))


def _pending(groups: Iterable[Resource], registered: frozenset[str]) -> Iterator[Diagnostic]:
    for group in groups:
        missing = sorted(_devices(group.spec) - registered)
        if missing:
            named = ", ".join(missing[:SHOWN]) + (", ..." if missing[SHOWN:] else "")
            yield Diagnostic(
                Severity.WARNING,
                "device.unregistered",
                f"{len(missing)} of its devices not registered with the hub yet: {named}",
                "they join with the first run after they appear",
                group.id,
                group.origin,
                ("devices",),
            )
