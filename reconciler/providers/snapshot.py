"""A backend that has nothing but what was recorded: it answers without any network.

A document that was not asked about when the recording was made gets the answer that can be given
without asking: what a group selects is in the document; a login that was not tried is not
available; an image of somebody else's counts as there, as where its registry may not be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.edge.condition import Field
from reconciler.edge.twin import Twin
from reconciler.model import (
    Diagnostic,
    Kind,
    Kinds,
    Observed,
    Resolved,
    Resource,
    ResourceId,
    Spec,
    digest,
    mapping,
    sequence,
    text,
)
from reconciler.providers.port import Provider, Reading
from reconciler.providers.recorded import Recorded

UNTRIED = "the snapshot was taken before it was asked for"


def asked(draft: Resource) -> str:
    """What a recording knows a document by."""
    return digest(draft.spec)


def provider(recorded: Recorded, kinds: Kinds) -> Provider:
    """What was recorded, as a provider that can be read and not written."""
    sent = _Sent(recorded)
    registered = frozenset(twin.device for twin in recorded.twins or ())
    return Provider(
        recorded.provider,
        {name: SnapshotHandler(kind, recorded, registered) for name, kind in kinds.items()},
        sent.requests,
        devices=None if recorded.twins is None else sent.devices,
    )


@dataclass(slots=True)
class _Sent:
    """Counts requests as they were sent when the recording was made."""

    recorded: Recorded
    looked: bool = False

    def requests(self) -> int:
        return self.recorded.requests_in_all if self.looked else self.recorded.requests

    def devices(self, fields: Sequence[Field], only: str = "") -> Iterable[Twin]:
        del fields  # every device has what was recorded of it
        self.looked = True
        return tuple(t for t in self.recorded.twins or () if only in {"", t.device})


@dataclass(frozen=True, slots=True)
class SnapshotHandler:
    kind: Kind
    recorded: Recorded
    registered: frozenset[str]
    """The devices that the hub was known to have."""

    def observe(self, wanted: Sequence[Resource]) -> Reading:
        drafts = {want.id.lineage: want for want in wanted}
        new = {key for key, want in drafts.items() if self.recorded.asked.get(key) != asked(want)}
        there = {i.id: i for i in self.recorded.items if i.id.kind == self.kind.name}
        changed = {key for key in new if "devices" in drafts[key].spec}
        items = [item for item in there.values() if item.id not in changed]
        for key, want in drafts.items():
            if key in changed:
                items += self._members(want, there.get(key))
            elif not self.kind.managed(want.spec):
                known = self.recorded.referred.get(key)
                found = self._unasked(want, there.values()) if key in new else known
                items += [found] if found else []
        told = (self._said(d, drafts) for d in self.recorded.diagnostics if d.subject not in new)
        return Reading(tuple(items), tuple(d for found in told for d in found))

    def create(self, want: Resource, resolved: Resolved) -> Observed:
        raise AssertionError(f"{want.id}: a snapshot is never written ({len(resolved)})")

    def update(self, have: Observed, want: Resource, resolved: Resolved) -> Observed:
        raise AssertionError(f"{have.id}: a snapshot is never written ({want.id}, {len(resolved)})")

    def delete(self, have: Observed) -> None:
        raise AssertionError(f"{have.id}: a snapshot is never written")

    def _said(self, said: Diagnostic, drafts: dict[ResourceId, Resource]) -> Iterator[Diagnostic]:
        """What the recording has to say of a document, at the document's place."""
        if said.subject in drafts:
            yield replace(said, origin=drafts[said.subject].origin)

    def _unasked(self, want: Resource, there: Iterable[Observed]) -> Observed | None:
        """What is only referred to, in a document that the recording does not know."""
        lineage, spec = want.id.lineage, want.spec
        if not self.kind.has_generations:
            return Observed(lineage, spec)
        if self.kind.rotates:
            known = {name: text(spec.get(name)) for name in ("loginServer", "username")}
            return Observed(lineage, {}, status={"available": False, "reason": UNTRIED, **known})
        if reference := text(spec.get("reference")):
            return Observed(lineage, {}, address=reference, status={"location": reference})
        address = f"{lineage.name}:{spec.get('version')}"
        found = next((item for item in there if item.address == address), None)
        return replace(found, id=lineage, owned=False, marker=None) if found else None

    def _members(self, want: Resource, have: Observed | None) -> Iterator[Observed]:
        """What a document says of several devices, of which some are known."""
        wishes = want.spec["devices"]
        if not isinstance(wishes, Mapping):
            yield from self._group(want, have)
        elif have is not None:
            known = mapping(have.spec["devices"])
            kept = {device: known[device] for device in wishes if device in known}
            yield from [replace(have, spec={"devices": kept})] if kept else ()

    def _group(self, want: Resource, have: Observed | None) -> Iterator[Observed]:
        """Members, with those that are wanted and not registered yet."""
        members = _devices(have.spec if have else {}) & self.registered
        wanted = _devices(want.spec)
        if members or not wanted & self.registered:
            pending = wanted - self.registered
            spec: Spec = {**want.spec, "devices": tuple(sorted(members | pending))}
            address = have.address if have else ""
            yield Observed(want.id.lineage, spec, owned=True, address=address)


def _devices(spec: Spec) -> frozenset[str]:
    return frozenset(text(device) for device in sequence(spec.get("devices")))
