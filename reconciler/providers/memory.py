"""A backend that keeps everything in a dict: the reference for what handlers must do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconciler.model import (
    Diagnostic,
    FieldPath,
    FieldRule,
    HeldSecret,
    Kind,
    Kinds,
    Marker,
    Observed,
    Resolved,
    Resource,
    ResourceId,
    Scope,
    Secret,
    Spec,
    State,
    Value,
    short,
)
from reconciler.providers.port import (
    ConflictError,
    Handler,
    Provider,
    ProviderError,
    Reading,
    UnavailableError,
)


@dataclass(slots=True)
class MemoryHandler:
    """One kind of resource, and what a test wants to go wrong with it."""

    kind: Kind
    scope: Scope = field(default_factory=lambda: Scope("memory", "memory"))
    items: dict[ResourceId, Observed] = field(default_factory=dict)
    failures: dict[ResourceId, list[ProviderError]] = field(default_factory=dict)
    """By id or by lineage: raised one by one, instead of a write."""
    secrets: dict[str, Secret] = field(default_factory=dict)
    """By the name of a resource of this kind: what its `secretRef` leads to."""
    absent: set[ResourceId] = field(default_factory=set)
    """Lineages that are only referred to, and not there."""
    comes_with: MemoryHandler | None = None
    """What is only referred to is not there yet while this one holds nothing."""
    diagnostics: tuple[Diagnostic, ...] = ()
    writes: int = 0
    reads: int = 0

    def observe(self, wanted: Sequence[Resource]) -> Reading:
        """Everything that is there; what is only referred to stands under its lineage."""
        self.reads += 1
        only_referred_to = [want for want in wanted if not self.kind.managed(want.spec)]
        found = [self._found(want) for want in only_referred_to if want.id not in self.absent]
        items = {**{item.id: item for item in found}, **self.items}
        return Reading(tuple(items[key] for key in sorted(items)), self.diagnostics)

    def create(self, want: Resource, resolved: Resolved) -> Observed:
        if want.id in self.items:
            raise ConflictError(f"{want.id} already exists")
        self._fail(want.id)
        return self._put(want, resolved, self._new(want, resolved))

    def update(self, have: Observed, want: Resource, resolved: Resolved) -> Observed:
        if have.owned:
            self._expect(have)
        self._fail(want.id)
        return self._put(want, resolved, have if have.owned else self._marked(have, want, resolved))

    def delete(self, have: Observed) -> None:
        self._expect(have)
        self._fail(have.id)
        self.writes += 1
        del self.items[have.id]

    def hold(self, item: Observed) -> None:
        """Put something there behind the reconciler's back."""
        self.items[item.id] = item

    def _marked(self, have: Observed, want: Resource, resolved: Resolved) -> Observed:
        """What lost its mark, with the mark that it gets back."""
        stray = next((i for i in self.items.values() if i.address == have.address), None)
        if stray is None or replace(stray, id=have.id, refs=have.refs) != have:
            raise ConflictError(f"{have.id} changed after the plan was made")
        del self.items[stray.id]
        return replace(self._new(want, resolved), address=have.address)

    def _expect(self, have: Observed) -> None:
        if self.items.get(have.id) != have:
            raise ConflictError(f"{have.id} changed after the plan was made")

    def _fail(self, resource_id: ResourceId) -> None:
        for key in (resource_id, resource_id.lineage):
            if self.failures.get(key):
                raise self.failures[key].pop(0)

    def _found(self, want: Resource) -> Observed:
        spec = _ruled(want.spec, (), self.kind, FieldRule.UPDATE)
        if self.comes_with is not None and not self.comes_with.items:
            awaited: Spec = {"available": False, "reason": "nothing has brought it yet"}
            return Observed(want.id.lineage, spec, state=State.PENDING, status=awaited)
        secret = self.secrets.get(want.id.name)
        status: dict[str, Value] = {**_said_by(want)}
        if self.kind.rotates:
            status["available"] = secret is not None
        held = {want.id.name: HeldSecret(0, secret)} if secret else {}
        return Observed(want.id.lineage, spec, status=status, secrets=held)

    def _new(self, want: Resource, resolved: Resolved) -> Observed:
        mark = Marker(self.scope.owner, self.scope.environment, want.id.name, want.id.generation)
        return Observed(
            want.id,
            want.spec,
            owned=True,
            address=self._free_address(want.id),
            marker=mark,
            secrets=_passed_on(want, resolved),
        )

    def _put(self, want: Resource, resolved: Resolved, have: Observed) -> Observed:
        self.writes += 1
        body = self.kind.render(want, resolved)
        now = replace(
            have,
            spec=_ruled(want.spec, (), self.kind, FieldRule.UPDATE),
            version=str(self.writes),
            refs=want.refs,
            status={**_said_by(want), "body": body},
            content=body,
        )
        self.items[want.id] = now
        return now

    def _free_address(self, resource_id: ResourceId) -> str:
        """Its id in the cloud, with a suffix where that is taken by other content."""
        base = "-".join(part for part in (resource_id.name, short(resource_id.generation)) if part)
        taken = {item.address for item in self.items.values()}
        candidates = (base if n == 1 else f"{base}-r{n}" for n in range(1, len(taken) + 2))
        return next(candidate for candidate in candidates if candidate not in taken)


@dataclass(frozen=True, slots=True)
class MemoryCloud:
    """A handler per kind, kept where a test can reach them."""

    handlers: Mapping[str, MemoryHandler]

    @classmethod
    def of(cls, kinds: Kinds, scope: Scope) -> MemoryCloud:
        return cls({name: MemoryHandler(kind, scope) for name, kind in kinds.items()})

    @property
    def provider(self) -> Provider:
        handlers: Mapping[str, Handler] = self.handlers
        return Provider("memory", handlers, lambda: self.writes + self.reads)

    @property
    def writes(self) -> int:
        return sum(handler.writes for handler in self.handlers.values())

    @property
    def reads(self) -> int:
        return sum(handler.reads for handler in self.handlers.values())

    def hold(self, item: Observed) -> None:
        self.handlers[item.id.kind].hold(item)

    def fail(self, lineage: ResourceId, *errors: ProviderError) -> None:
        """Let the next writes of `lineage` fail, one by one."""
        self.handlers[lineage.kind].failures[lineage] = list(errors)

    def forget(self, resource_id: ResourceId) -> None:
        """Take something away behind the reconciler's back."""
        del self.handlers[resource_id.kind].items[resource_id]

    def touch(self, resource_id: ResourceId) -> None:
        """Change nothing but the version, as a write by somebody else would."""
        items = self.handlers[resource_id.kind].items
        items[resource_id] = replace(items[resource_id], version="touched")


def _said_by(want: Resource) -> Spec:
    """What a cloud would say about it, taken from the document."""
    built = f"memory.azurecr.io/{want.id.name}:{short(want.id.generation) or '1'}"
    return {
        "location": want.spec.get("reference") or built,
        "loginServer": want.spec.get("loginServer"),
        "username": want.spec.get("username"),
    }


def _passed_on(want: Resource, resolved: Resolved) -> Mapping[str, HeldSecret]:
    """The secrets of what it refers to: a cloud keeps them inside the object."""
    sources = [resolved[ref] for ref in want.refs.values() if ref in resolved]
    for source in sources:
        if source.status.get("available") is False:
            raise UnavailableError(f"the secret of {source.id} is unavailable")
    return {name: held for source in sources for name, held in source.secrets.items()}


def _ruled(spec: Spec, at: FieldPath, kind: Kind, rule: FieldRule) -> Spec:
    return dict(_fields(spec, at, kind, rule))


def _fields(spec: Spec, at: FieldPath, kind: Kind, rule: FieldRule) -> Iterator[tuple[str, Value]]:
    for key, value in spec.items():
        path = (*at, key)
        if isinstance(value, Mapping) and value:
            if inner := _ruled(value, path, kind, rule):
                yield key, inner
        elif kind.rule(path) is rule:
            yield key, value
