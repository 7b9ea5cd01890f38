"""Which deployments reach a device, and what they become together. Pure.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring: one base applies, the one
with the highest priority (the newest of equals); layers with a strictly higher priority are laid on
top of it path by path, in the order of their priorities.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.emulator.hub.content import AGENT, Setting, is_layered, settings
from reconciler.emulator.hub.metadata import Origin
from reconciler.emulator.hub.wire import Json

APPLIED, TARGETED = "Applied", "Targeted"


@dataclass(frozen=True)
class Deployment:
    """`created` is the tie-breaker; `digest` marks what it wrote, in `$lastUpdatedByDigest`."""

    id: str
    priority: int
    created: str
    digest: str
    modules: Mapping[str, Mapping[str, Any]]

    @property
    def layered(self) -> bool:
        return is_layered(self.modules)

    @property
    def rank(self) -> tuple[int, str, str]:
        return (self.priority, self.created, self.id)

    @property
    def revision(self) -> str:
        """This very object: an id that is used again is another one."""
        return f"{self.id}@{self.created}"


@dataclass(frozen=True)
class ModuleTwin:
    """Desired properties to write: paths in order, with the configuration that sets them, if any.

    `whole` when some deployment sets the section as a whole, so that nothing older stays.
    """

    writes: tuple[tuple[Setting, Origin | None], ...] = ()

    @property
    def whole(self) -> bool:
        return any(not setting.path for setting, _ in self.writes)

    def document(self, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
        content = {} if self.whole or before is None else dict(before)
        for setting, _ in self.writes:
            content = placed(content, setting.path, setting.value)
        return content

    @property
    def origins(self) -> tuple[Origin, ...]:
        return tuple(origin for _, origin in self.writes if origin)


@dataclass(frozen=True)
class Merged:
    """What a set of deployments does to a device that they all match.

    `base` is empty when none of them is a base: nothing is applied then. `statuses` are by module
    and configuration.
    """

    base: str = ""
    key: str = ""
    layers: tuple[str, ...] = ()
    modules: Mapping[str, ModuleTwin] = field(default_factory=dict)
    statuses: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Of the manifest, whoever wrote it."""
        documents = {name: twin.document() for name, twin in self.modules.items()}
        return hashlib.sha256(json.dumps(documents, sort_keys=True).encode()).hexdigest()

    def listed(self) -> list[str]:
        """Modules that have an identity: those with properties and those in `$edgeAgent`."""
        agent = self.modules[AGENT].document() if AGENT in self.modules else {}
        modules = agent.get("modules")
        started = modules if isinstance(modules, Mapping) else {}
        return sorted({*self.modules, *started})

    def refused(self) -> Merged:
        """The same deployments, none of them applied."""
        return replace(self, statuses=dict.fromkeys(self.statuses, TARGETED))


def merge(deployments: Iterable[Deployment]) -> Merged:
    """The outcome for a device in the reach of all the deployments."""
    ranked = sorted(deployments, key=lambda each: each.rank)
    statuses = {(AGENT, each.id): TARGETED for each in ranked}
    bases = [each for each in ranked if not each.layered]
    if not bases:
        return Merged(statuses=statuses)
    base = bases[-1]
    layers = [each for each in ranked if each.layered and each.priority > base.priority]
    modules: dict[str, ModuleTwin] = {}
    for each in (base, *layers):
        for name, body in each.modules.items():
            if body:
                statuses[name, each.id] = APPLIED
                modules[name] = _extended(modules.get(name, ModuleTwin()), each, body)
    return Merged(
        base=base.id,
        key=" ".join(each.revision for each in (base, *layers)),
        layers=tuple(each.id for each in layers),
        modules=modules,
        statuses=statuses,
    )


def _extended(twin: ModuleTwin, by: Deployment, body: Mapping[str, Any]) -> ModuleTwin:
    writes = list(twin.writes)
    for setting in settings(body):
        if not setting.path:
            writes = []
        writes.append((setting, Origin(setting.path, by.id, by.digest)))
    return ModuleTwin(tuple(writes))


def placed(content: Mapping[str, Any], path: tuple[str, ...], value: Json) -> dict[str, Any]:
    """The content with the value at the path: it replaces whatever was there."""
    if not path:
        return dict(value)
    below = content.get(path[0])
    head = below if isinstance(below, Mapping) else {}
    placed_below = placed(head, path[1:], value) if len(path) > 1 else value
    return {**content, path[0]: placed_below}
