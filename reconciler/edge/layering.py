"""What a device runs: one base, and every layer above it, path by path.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring: of the bases that match,
the one with the highest priority applies, the newest of equals; layers with a strictly higher
priority are laid on top, in the order of their priorities. What a layer sets, it sets as a whole.

Sources disagree on what becomes of the modules of a layer that goes: `RemovedLayer` has both
readings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from reconciler.edge.render import AGENT, DESIRED
from reconciler.edge.shape import at
from reconciler.model import FieldPath, Spec, Value, mapping


class RemovedLayer(Enum):
    """What becomes of a layer's modules when it no longer reaches a device."""

    MODULES_GO = "modules-go"
    """The rest is merged anew (https://github.com/MicrosoftDocs/azure-docs/issues/86837)."""
    MODULES_STAY = "modules-stay"
    """They stay while the base does (https://github.com/Azure/iotedge/issues/7057)."""


@dataclass(frozen=True, slots=True)
class Layered:
    """One deployment, base or layer, as the hub weighs it."""

    id: str
    priority: int
    age: int
    """Its place in the order of creation: of equal priorities the larger one wins."""
    content: Spec
    """`modulesContent`."""

    @property
    def is_layer(self) -> bool:
        """A layer sets paths in `$edgeAgent`, not its desired properties as a whole."""
        return DESIRED not in mapping(self.content.get(AGENT))

    @property
    def rank(self) -> tuple[int, int, str]:
        return self.priority, self.age, self.id


@dataclass(frozen=True, slots=True)
class Write:
    """A path of a twin, what a deployment puts there as a whole, and which one does."""

    path: FieldPath
    value: Value
    by: str


@dataclass(frozen=True, slots=True)
class Section:
    """The desired properties of one module, as they are written one after the other."""

    writes: tuple[Write, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing stays that was in the twin before."""
        return any(not write.path for write in self.writes)

    @property
    def document(self) -> Spec:
        return self.over({})

    def over(self, before: Spec) -> Spec:
        """What the twin holds afterwards that held `before`: the rest of it belongs to others."""
        content = {} if self.whole else before
        for write in self.writes:
            content = _placed(content, write.path, write.value)
        return content


@dataclass(frozen=True, slots=True)
class Effective:
    """What a set of deployments makes of a device that all of them match."""

    base: str = ""
    """Empty where none of them is a base: then nothing is applied, and nothing changes."""
    layers: tuple[str, ...] = ()
    """In the order in which they are laid on."""
    idle: tuple[str, ...] = ()
    """Matching, and without effect: lower bases, layers that are not above the base."""
    sections: Mapping[str, Section] = field(default_factory=dict)
    """By module, the agent and the hub among them."""

    @property
    def applied(self) -> tuple[str, ...]:
        return (self.base, *self.layers) if self.base else ()

    @property
    def documents(self) -> Mapping[str, Spec]:
        return {name: section.document for name, section in self.sections.items()}


def effective(deployments: Iterable[Layered]) -> Effective:
    """Choose the base and lay the layers on it; the order of the input says nothing."""
    ranked = sorted(deployments, key=lambda each: each.rank)
    bases = [each for each in ranked if not each.is_layer]
    if not bases:
        return Effective(idle=tuple(each.id for each in ranked))
    base = bases[-1]
    layers = [each for each in ranked if each.is_layer and each.priority > base.priority]
    writes: dict[str, tuple[Write, ...]] = {}
    for each in (base, *layers):
        for name, body in each.content.items():
            if mapping(body):
                writes[name] = (*writes.get(name, ()), *_writes(mapping(body), each.id))
    taken = {base.id, *(each.id for each in layers)}
    return Effective(
        base.id,
        tuple(each.id for each in layers),
        tuple(each.id for each in ranked if each.id not in taken),
        {name: Section(found) for name, found in writes.items()},
    )


def followed(before: Effective, after: Effective, reading: RemovedLayer) -> Effective:
    """What a device runs in the end that ran `before` and now matches what makes `after`.

    Without a base it goes on as it is, and nobody manages it.
    """
    if not after.base or before.applied == after.applied:
        return Effective(after.base, after.layers, after.idle, before.sections)
    if reading is RemovedLayer.MODULES_GO or before.base != after.base:
        return after
    wanted = mapping(at(after.documents.get(AGENT), "modules"))
    there = mapping(at(before.documents.get(AGENT), "modules"))
    kept = tuple(
        Write(("modules", name), module, _giver(before, name))
        for name, module in there.items()
        if name not in wanted
    )
    agent = Section((*after.sections[AGENT].writes, *kept))
    return Effective(after.base, after.layers, after.idle, {**after.sections, AGENT: agent})


def _giver(manifest: Effective, module: str) -> str:
    """Which deployment a module came from."""
    path = ("modules", module)
    found = (w.by for w in reversed(manifest.sections[AGENT].writes) if w.path in {path, path[:1]})
    return next(found, manifest.base)


def _writes(body: Spec, by: str) -> Iterator[Write]:
    """The keys of one section, the shortest path first."""
    for key in sorted(body, key=lambda each: (each.count("."), each)):
        yield Write(tuple(key[len(DESIRED) :].split(".")[1:]), body[key], by)


def _placed(content: Spec, path: FieldPath, value: Value) -> Spec:
    """The content with the value at the path: it takes the place of whatever was there."""
    if not path:
        return mapping(value)
    head, *rest = path
    below = _placed(mapping(content.get(head)), tuple(rest), value) if rest else value
    return {**content, head: below}
