"""Keeps the devices of a DeviceGroup as leaves of their twins' tags.

A group that lists its devices is `tags.reconciler.<owner>.<group> = true` on each of them: one
leaf per group, so that a device may be in many, and tags of others are never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from reconciler.edge.identity import LEASES, ROOT
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
from reconciler.providers.azure.fault import told
from reconciler.providers.azure.paced import Ledger, again, each
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.values import Json, frozen
from reconciler.providers.port import PartialError, Progress, Reading

KIND = "DeviceGroup"
QUERY = "SELECT deviceId, tags.reconciler AS marks FROM devices"
SHOWN = 5
"""How many missing devices are named."""
LOOKS = 8
"""How often a query is asked whether it sees a renamed group, longer apart each time."""


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
        self._await(want)
        return self._written(want)

    @told()
    def update(self, have: Observed, want: Resource, resolved: Resolved) -> Observed:
        del resolved  # as above
        before, after = _devices(have.spec), _devices(want.spec)
        self._mark(want.id, after - before, member=True)
        self._mark(want.id, before - after, member=False)
        self._await(want)
        return self._written(want)

    @told()
    def delete(self, have: Observed) -> None:
        self._mark(have.id, _devices(have.spec), member=False)

    def _await(self, want: Resource) -> None:
        """Let the hub see the members of a renamed group before any condition asks for them.

        Conditions are judged by what queries see, which lags behind what was written.
        """
        previous = text(want.spec.get("previousName"))
        given = self.session.surroundings
        for number in range(LOOKS if previous else 0):
            fleet = self._fleet()
            old = fleet.members.get(previous, frozenset()) & _devices(want.spec)
            if not old - fleet.members.get(want.id.name, frozenset()):
                return
            given.notify(Progress(want.id, "waiting until the hub sees the new tags"))
            given.patience.pause(number)
        if previous:
            raise PartialError(
                f"the hub does not see all devices of {want.id.name} yet", "run again in a minute"
            )

    def _fleet(self) -> Fleet:
        devices, members = set(), dict[str, set[str]]()
        for row in self.session.hub.query(QUERY):
            device = str(row["deviceId"])
            if device.startswith(LEASES):
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
        names, given = sorted(devices), self.session.surroundings
        activity = "tagging devices" if member else "taking tags away"
        ledger = Ledger(group, activity, len(names), given.notify, given.patience)

        def mark(device: str) -> None:
            attempt = partial(self._mark_one, group.name, device, member=member)
            if not again(given.patience, attempt) and member:
                # A query names a device long after it was deleted: only its twin is current.
                waiting = f"{device} is not registered; it joins when it is"
                given.notify(Progress(group, waiting))

        each(ledger, names, mark)
        ledger.close()

    def _mark_one(self, group: str, device: str, *, member: bool) -> bool:
        """Whether the device is there."""
        leaf = True if member else None
        twin = self.session.hub.twin(device)
        if twin is not None and self._leaf(twin, group) is not leaf:
            patch: dict[str, Json] = {ROOT: {self._owner: {group: leaf}}}
            self.session.hub.patch_tags(device, patch, twin["etag"])
        return twin is not None

    def _leaf(self, twin: Mapping[str, object], group: str) -> Value:
        marks = mapping(mapping(frozen(twin.get("tags"))).get(ROOT))
        return mapping(marks.get(self._owner)).get(group)

    @property
    def _owner(self) -> str:
        return self.session.scribe.scope.owner


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
