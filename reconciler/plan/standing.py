"""How the deployments on the hub stand with their devices: counted, and device by device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from reconciler.edge.effects import named_modules
from reconciler.edge.layering import Effective, effective
from reconciler.edge.provenance import parts
from reconciler.edge.render import AGENT
from reconciler.edge.reported import (
    AgentTwin,
    Health,
    ModuleReport,
    Reason,
    Verdict,
    speaks_to_agent,
    worst,
)
from reconciler.model import FieldPath, Value
from reconciler.plan.deployed import Deployed, course
from reconciler.plan.plan import Plan

IDLE = Verdict(Health.IDLE, (Reason("outranked by another base, or not above the base"),))
NO_BASE = Verdict(Health.IDLE, (Reason("no base deployment is there to lay it on"),))

Wanted: TypeAlias = Mapping[FieldPath, Value]
Elsewhere: TypeAlias = frozenset[tuple[str, str]]
"""Device and deployment, where one is applied in the twin of a module and not in the agent's."""


class Judge(Protocol):
    """The rules of health: what a deployment wants of a device, and what its agent reports."""

    def __call__(self, wanted: Wanted, twin: AgentTwin, *, applied: bool) -> Verdict: ...


@dataclass(frozen=True, slots=True)
class OnDevice:
    """One device, and what each deployment that is for it has come to there."""

    device: str
    base: str
    layers: tuple[str, ...]
    """What it matches and what has an effect, in the order in which it is laid on."""
    verdicts: Mapping[str, Verdict]
    """By the id of a deployment; idle ones, too."""
    applied: frozenset[str]
    modules: Mapping[FieldPath, ModuleReport] = field(default_factory=dict)

    @property
    def health(self) -> Health:
        return worst(tuple(self.verdicts.values()))


@dataclass(frozen=True, slots=True)
class Told:
    """Devices that say the same."""

    health: Health
    devices: int
    example: str
    reason: Reason
    """In the words of the example."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One deployment, on all devices that it is for."""

    targeted: int = 0
    applied: int = 0
    counts: Mapping[Health, int] = field(default_factory=dict)
    told: tuple[Told, ...] = ()
    """The most devices first; a device with two troubles is told twice."""

    def count(self, health: Health) -> int:
        return self.counts.get(health, 0)


def deployments(plan: Plan) -> tuple[Deployed, ...]:
    """Everything on the hub, whoever put it there."""
    return course((*plan.changes, *plan.unchanged), ()).before


def looked_at(deployed: Iterable[Deployed]) -> tuple[str, ...]:
    """The modules that deployments name: of a device's others nothing needs to be read."""
    names: set[str] = set()
    for each in deployed:
        names |= named_modules(each.layered.content)
    return tuple(sorted(names))


def applied_elsewhere(deployed: Iterable[Deployed]) -> tuple[str, ...]:
    """The deployments that the agent's twin does not tell whether they are applied."""
    return tuple(d.layered.id for d in deployed if not speaks_to_agent(d.layered.content))


def on_devices(
    deployed: Sequence[Deployed],
    twins: Iterable[AgentTwin],
    judge: Judge,
    elsewhere: Elsewhere = frozenset(),
) -> Iterator[OnDevice]:
    """Every device that a deployment is for; one set of deployments is laid out once."""
    stacks = _Stacks(deployed)
    for twin in twins:
        matching = stacks.known(twin.configurations)
        if matching:
            applied = twin.applied | {id_ for id_ in matching if (twin.device, id_) in elsewhere}
            stack = stacks[matching]
            verdicts = {
                id_: judge(stack.wanted.get(id_, {}), twin, applied=id_ in applied)
                if id_ in stack.manifest.applied
                else (IDLE if stack.manifest.base else NO_BASE)
                for id_ in sorted(matching)
            }
            yield OnDevice(
                twin.device,
                stack.manifest.base,
                stack.manifest.layers,
                verdicts,
                applied & frozenset(stack.manifest.applied),
                twin.modules,
            )


def tallied(devices: Iterable[OnDevice]) -> Mapping[str, Tally]:
    """By the id of a deployment."""
    counting: dict[str, _Counting] = {}
    for each in devices:
        for id_, verdict in each.verdicts.items():
            counting.setdefault(id_, _Counting()).add(each, id_, verdict)
    return {id_: each.tally() for id_, each in sorted(counting.items())}


@dataclass(frozen=True, slots=True)
class _Stack:
    manifest: Effective
    wanted: Mapping[str, Wanted]
    """By deployment, the modules on which it has the last word."""


class _Stacks(dict[frozenset[str], _Stack]):
    """What each set of deployments makes of a device."""

    def __init__(self, deployed: Iterable[Deployed]) -> None:
        super().__init__()
        self._by_id = {each.layered.id: each.layered for each in deployed}

    def known(self, ids: Iterable[str]) -> frozenset[str]:
        """Without those that were deleted since."""
        return frozenset(id_ for id_ in ids if id_ in self._by_id)

    def __missing__(self, ids: frozenset[str]) -> _Stack:
        manifest = effective(self._by_id[id_] for id_ in sorted(ids))
        wanted: dict[str, dict[FieldPath, Value]] = {}
        for part in parts(manifest):
            if part.section == AGENT and part.path[0] in {"modules", "systemModules"}:
                wanted.setdefault(part.by, {})[part.path] = part.value
        self[ids] = stack = _Stack(manifest, wanted)
        return stack


@dataclass(slots=True)
class _Counting:
    targeted: int = 0
    applied: int = 0
    counts: Counter[Health] = field(default_factory=Counter)
    reasons: Counter[tuple[Health, str]] = field(default_factory=Counter)
    examples: dict[tuple[Health, str], tuple[str, Reason]] = field(default_factory=dict)

    def add(self, device: OnDevice, id_: str, verdict: Verdict) -> None:
        self.targeted += 1
        self.applied += id_ in device.applied
        self.counts[verdict.health] += 1
        for reason in verdict.reasons:
            key = verdict.health, reason.text
            self.reasons[key] += 1
            found = device.device, reason
            self.examples[key] = min(self.examples.get(key, found), found, key=lambda pair: pair[0])

    def tally(self) -> Tally:
        told = (Told(key[0], count, *self.examples[key]) for key, count in self.reasons.items())
        order = {health: place for place, health in enumerate(Health)}
        ranked = sorted(told, key=lambda t: (order[t.health], -t.devices, t.reason.text))
        return Tally(self.targeted, self.applied, dict(self.counts), tuple(ranked))
