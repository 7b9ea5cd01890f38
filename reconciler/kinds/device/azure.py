"""Registers Devices, and changes what git says of them and nothing else.

A device is never registered again, its keys are never made anew, and what no document names is
left as it is. The mark is a leaf of its twin's tags, beside those of groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial

from reconciler.edge.identity import LEASES, MARK, ROOT
from reconciler.kinds.device.spec import KIND
from reconciler.model import (
    Diagnostic,
    Marker,
    Observed,
    Resolved,
    Resource,
    ResourceId,
    Severity,
    Spec,
    mapping,
    text,
)
from reconciler.providers.azure.device_json import (
    Live,
    edited,
    live,
    patch,
    registration,
    seen,
    tiers,
)
from reconciler.providers.azure.fault import FaultError, told
from reconciler.providers.azure.identities import Identities
from reconciler.providers.azure.paced import Ledger, again, each
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.values import Json
from reconciler.providers.port import ProviderError, Reading

QUERY = (
    "SELECT deviceId, status, capabilities, authenticationType, x509Thumbprint, parentScopes, tags"
    " FROM devices"
)
CONFIRMED = 100
"""Up to so many devices that are to go are looked at one by one before a plan says so."""
SHOWN = 5
"""How many devices are named in one warning."""


@dataclass(frozen=True, slots=True)
class DeviceHandler:
    session: AzureSession

    @told()
    def observe(self, wanted: Sequence[Resource]) -> Reading:
        """One query, page by page, if git asks for any device or lets some go."""
        allowed = self.session.allowed
        if not wanted and not (allowed.prune and allowed.delete_devices):
            return Reading(())
        there = self._there()
        items = [item for want in wanted for item in self._found(want, there)]
        asked = {device for want in wanted for device in mapping(want.spec["devices"])}
        names = {want.id.name for want in wanted}
        items += [self._extra(device, names) for device in self._extras(there, asked)]
        return Reading(tuple(items), tuple(self._problems(wanted, there)))

    @told()
    def create(self, want: Resource, resolved: Resolved) -> Observed:
        del resolved  # the parent stands in the spec
        return self._brought(want, {})

    @told()
    def update(self, have: Observed, want: Resource, resolved: Resolved) -> Observed:
        del resolved  # as above
        return self._brought(want, mapping(have.spec["devices"]))

    @told()
    def delete(self, have: Observed) -> None:
        """Only what still carries our mark, whatever a query said."""
        twin = self.session.hub.twin(have.address)
        if twin is None:
            return
        if not self._document(live(twin)):
            raise ProviderError(f"{have.address} does not carry our mark any more", "plan again")
        Identities(self.session).delete(have.address)

    def _there(self) -> Mapping[str, Live]:
        found = map(live, self.session.hub.query(QUERY))
        return {each.id: each for each in found if not each.id.startswith(LEASES)}

    def _extras(self, there: Mapping[str, Live], asked: AbstractSet[str]) -> list[Live]:
        """Ours, and not in git. A query names a device long after it was deleted."""
        found = [there[d] for d in sorted(there.keys() - asked) if self._document(there[d])]
        if not self.session.allowed.delete_devices or len(found) > CONFIRMED:
            return found
        return [device for device in found if self.session.hub.twin(device.id) is not None]

    def _found(self, want: Resource, there: Mapping[str, Live]) -> Iterator[Observed]:
        """What is there of a document; nothing where nothing is."""
        devices = {
            device: seen(mapping(wish), there[device])
            for device, wish in mapping(want.spec["devices"]).items()
            if device in there
        }
        if devices:
            yield self._observed(want.id, devices)

    def _observed(self, resource_id: ResourceId, devices: Spec) -> Observed:
        scope = self.session.scribe.scope
        address = next(iter(devices)) if len(devices) == 1 else f"{len(devices):,} devices"
        marker = Marker(scope.owner, scope.environment, resource_id.name, "")
        lineage = resource_id.lineage
        return Observed(lineage, {"devices": devices}, owned=True, address=address, marker=marker)

    def _extra(self, device: Live, names: Iterable[str]) -> Observed:
        """Ours, and not in git any more: each by itself, so that a guard counts it."""
        name = device.id if device.id not in names else f"{self._document(device)}/{device.id}"
        status: Spec = {device.id: {"status": device.spec["status"]}}
        return self._observed(ResourceId(KIND.name, name), status)

    def _brought(self, want: Resource, have: Spec) -> Observed:
        """Register what is missing, change what differs."""
        wishes = {device: mapping(wish) for device, wish in mapping(want.spec["devices"]).items()}
        missing = {device: wish for device, wish in wishes.items() if device not in have}
        differing = [d for d, wish in wishes.items() if d in have and have[d] != wish]
        given = self.session.surroundings
        total = len(missing) + len(differing)
        activity = "registering devices" if missing else "changing devices"
        ledger = Ledger(want.id, activity, total, given.notify, given.patience)
        identities = Identities(self.session)
        for tier in tiers(missing):
            ready = [self._registration(identities, d, missing[d], ledger) for d in tier]
            differing += identities.register([r for r in ready if r], ledger)

        def settle(device: str) -> None:
            attempt = partial(self._settled, identities, device, wishes[device])
            again(given.patience, attempt)

        each(ledger, differing, settle)
        ledger.close()
        return self._observed(want.id, wishes)

    def _registration(
        self, identities: Identities, device: str, wish: Spec, ledger: Ledger
    ) -> dict[str, Json]:
        """The document that registers it; nothing where its parent is not there."""
        try:
            return registration(device, wish, identities.scope(text(wish.get("parent"))))
        except (FaultError, ProviderError) as error:
            ledger.fail(device, error)
            return {}

    def _settled(self, identities: Identities, device: str, wish: Spec) -> None:
        """What its twin says is current: a query lags behind."""
        hub = self.session.hub
        twin = hub.twin(device)
        above = text(wish.get("parent"))
        if twin is None:  # it was deleted, which queries do not know for a while
            identities.register_one(registration(device, wish, identities.scope(above)))
            return
        now = live(twin)
        if problem := self._unfit(now):
            raise ProviderError(*problem)
        if leaves := patch(mapping(wish.get("tags")), mapping(now.spec["tags"])):
            hub.patch_tags(device, leaves, str(twin["etag"]))
        rest = {field: value for field, value in wish.items() if field != "tags"}
        if seen(rest, now) != rest:
            edit = partial(edited, wish=rest, scope=identities.scope(above))
            identities.change(device, edit)

    def _unfit(self, device: Live) -> tuple[str, str] | None:
        """Why it must not be touched, and what to do."""
        for owner, marks in device.marks.items():
            mark = text(mapping(marks).get(MARK))
            if mark and not (owner == self._owner and self._document(device)):
                whose = f'owner "{owner}", {mark}'
                hint = f"take it out there, or remove its tag {ROOT}.{owner}.{MARK}"
                return f"{device.id} is managed elsewhere ({whose})", hint
        if not device.edge:
            return f"{device.id} is registered without IoT Edge", (
                "turn that on: az iot hub device-identity update"
                f" --device-id {device.id} --set capabilities.iotEdge=true"
            )
        return None

    def _document(self, device: Live) -> str:
        """The document that its mark names, if it is a mark of this environment."""
        mark = text(mapping(device.marks.get(self._owner)).get(MARK))
        environment, _, name = mark.partition("/")
        return name if environment == self.session.scribe.scope.environment else ""

    @property
    def _owner(self) -> str:
        return self.session.scribe.scope.owner

    def _problems(
        self, wanted: Sequence[Resource], there: Mapping[str, Live]
    ) -> Iterator[Diagnostic]:
        first: dict[str, Resource] = {}
        for want in wanted:
            unfit = [
                problem
                for device in mapping(want.spec["devices"])
                if device in there and (problem := self._unfit(there[device]))
            ]
            if unfit:
                yield _about(want, "device.unfit", [said for said, _ in unfit], unfit[0][1])
            twice = [
                f"{device} is described by {other.id} already"
                for device in mapping(want.spec["devices"])
                if (other := first.setdefault(device, want)) is not want
            ]
            if twice:
                yield _about(want, "device.twice", twice, "describe each device once")
        for want in wanted:
            parents = {
                text(mapping(w).get("parent")) for w in mapping(want.spec["devices"]).values()
            }
            lost = sorted(p for p in parents if p and p not in there and p not in first)
            if lost:
                said = [f"the parent {name} is not registered" for name in lost]
                yield _about(want, "device.parent", said, "describe it here, or correct its id")


def _about(want: Resource, code: str, said: Sequence[str], hint: str) -> Diagnostic:
    more = f" (and {len(said) - SHOWN} more)" if len(said) > SHOWN else ""
    summary = "; ".join(said[:SHOWN]) + more
    return Diagnostic(Severity.ERROR, code, summary, hint, want.id, want.origin)
