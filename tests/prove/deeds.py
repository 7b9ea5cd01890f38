"""What emulated devices did between two moments: by their history, their state, their twins."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

from reconciler.emulator.hub import state
from reconciler.emulator.hub.content import DESIRED
from reconciler.emulator.hub.history import Event
from reconciler.emulator.hub.state import STOPPED

Names: TypeAlias = tuple[str, ...]
SYSTEM = ("$edgeAgent", "$edgeHub")
NAME = "reconciler-name"


@dataclass(frozen=True)
class Deed:
    """What one device did; every name once, in order."""

    before: Names = ()
    """The deployments that made its manifest, the base first."""
    after: Names = ()
    appears: Names = ()
    vanishes: Names = ()
    restarts: Names = ()
    switches: Names = ()
    untouched: Names = ()
    twins: Names = ()
    pulls: Names = ()

    @property
    def loses_base(self) -> bool:
        return bool(self.before) and not self.after


@dataclass(frozen=True)
class Agent:
    """One device at one moment."""

    applied: Names
    images: frozenset[str]
    modules: Mapping[str, bool]
    """Whether each runs."""


@dataclass(frozen=True)
class Moment:
    """The hub and all its devices at one moment."""

    agents: Mapping[str, Agent]
    targets: Mapping[str, frozenset[str]]
    """By device, the deployments that select it."""
    manifests: Mapping[str, tuple[Any, ...]]
    """By device, the desired properties of its two system modules."""
    versions: Mapping[tuple[str, str], int]
    """By device and module, how often desired properties were sent."""
    names: Mapping[str, str]
    """By id of a deployment, what its owner calls it."""
    modules: Mapping[str, frozenset[str]]
    """By id of a deployment, the modules that it defines."""
    seen: int
    """The last event of the history."""

    @property
    def unmanaged(self) -> list[str]:
        """Devices without a base: what they run is nobody's."""
        return [device for device, agent in self.agents.items() if not agent.applied]


@dataclass
class Deeds:
    """By device, what happened between two moments."""

    before: Moment
    after: Moment
    done: dict[str, Deed] = field(default_factory=dict)
    """Of devices on which anything happened."""
    faults: list[str] = field(default_factory=list)
    """What nobody predicts, and what must therefore not have been."""

    def called(self, id_: str) -> str:
        """As a plan calls a deployment before it is there."""
        return id_ if id_ in self.before.names else f"{self.after.names[id_]} (new)"

    def reached(self, name: str) -> frozenset[str]:
        """Devices that a deployment selects, before or after."""
        return frozenset(
            device
            for moment in (self.before, self.after)
            for device, ids in moment.targets.items()
            if any(moment.names[id_] == name for id_ in ids)
        )

    def given(self, moment: Moment, name: str) -> frozenset[str]:
        """Devices whose manifest a deployment is part of."""
        return frozenset(
            device
            for device, agent in moment.agents.items()
            if any(moment.names[id_] == name for id_ in agent.applied)
        )

    def defined(self, name: str) -> frozenset[str]:
        """The modules of a deployment, before or after."""
        return frozenset(
            module
            for moment in (self.before, self.after)
            for id_, modules in moment.modules.items()
            if moment.names[id_] == name
            for module in modules
        )


def moment(db: sqlite3.Connection) -> Moment:
    agents = {
        row["device_id"]: _agent(row["applied"], row["state"])
        for row in db.execute("SELECT device_id, applied, state FROM hub_agent")
    }
    targets: defaultdict[str, set[str]] = defaultdict(set)
    for row in db.execute("SELECT configuration_id, device_id FROM hub_target"):
        targets[row["device_id"]].add(row["configuration_id"])
    manifests: defaultdict[str, list[Any]] = defaultdict(list)
    versions = {}
    query = (
        "SELECT device_id, module_id, desired, desired_version FROM hub_identity"
        " WHERE module_id <> '' ORDER BY device_id, module_id"
    )
    for device, module, desired, version in db.execute(query):
        versions[device, module] = version
        if module in SYSTEM:
            manifests[device].append(_document(desired))
    live = db.execute("SELECT id, labels, content FROM hub_configuration").fetchall()
    seen = db.execute("SELECT coalesce(max(id), 0) FROM hub_history").fetchone()[0]
    return Moment(
        agents,
        {device: frozenset(ids) for device, ids in targets.items()},
        {device: tuple(found) for device, found in manifests.items()},
        versions,
        {row["id"]: json.loads(row["labels"] or "{}").get(NAME, row["id"]) for row in live},
        {row["id"]: frozenset(_modules(json.loads(row["content"]))) for row in live},
        seen,
    )


def deeds(db: sqlite3.Connection, before: Moment, after: Moment) -> Deeds:
    """Everything that happened since, device by device."""
    events = _events(db, before.seen)
    found = Deeds(before, after)
    sent: defaultdict[str, set[str]] = defaultdict(set)
    for (device, module), version in after.versions.items():
        if module not in SYSTEM and version != before.versions.get((device, module), 1):
            sent[device].add(module)
    for device, agent in after.agents.items():
        was, events_here = before.agents[device], events[device]
        deed = _deed(found, was, agent, events_here, sent[device])
        same = before.manifests.get(device) == after.manifests.get(device)
        if not same or deed.twins or deed.loses_base:
            found.done[device] = deed
        elif deed.appears or deed.vanishes or deed.restarts or deed.switches or deed.pulls:
            found.faults.append(f"{device} did {deed} with the manifest that it had")
        found.faults += _odd(device, events_here)
    return found


def _deed(
    of: Deeds, was: Agent, now: Agent, events: Iterable[tuple[str, str]], sent: set[str]
) -> Deed:
    started = {name for event, name in events if event == Event.MODULE_STARTED.value}
    stopped = {name for event, name in events if event == Event.MODULE_STOPPED.value}
    both = was.modules.keys() & now.modules.keys()
    restarts, switches = both & started & stopped, both & (started ^ stopped)
    return Deed(
        tuple(of.called(id_) for id_ in was.applied),
        tuple(of.called(id_) for id_ in now.applied),
        _sorted(now.modules.keys() - was.modules.keys()),
        _sorted(was.modules.keys() - now.modules.keys()),
        _sorted(restarts),
        _sorted(switches),
        _sorted(both - restarts - switches),
        _sorted(sent),
        _sorted(now.images - was.images),
    )


def _odd(device: str, events: list[tuple[str, str]]) -> Iterator[str]:
    for event, subject in events:
        if event in {Event.PULL_FAILED.value, Event.MANIFEST_REFUSED.value}:
            yield f"{device}: {event} {subject}"
        if event == Event.MODULE_STARTED.value and events.count((event, subject)) > 1:
            yield f"{device} started {subject} more than once"


def _events(db: sqlite3.Connection, since: int) -> defaultdict[str, list[tuple[str, str]]]:
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    query = "SELECT device_id, event, subject FROM hub_history WHERE id > ? ORDER BY id"
    for device, event, subject in db.execute(query, (since,)):
        found[device].append((event, subject))
    return found


@lru_cache(maxsize=4096)
def _agent(applied: str, text: str) -> Agent:
    told = state.stored(text)
    return Agent(
        tuple(each.partition("@")[0] for each in applied.split()),
        frozenset(told.images),
        {name: each.status != STOPPED for name, each in told.containers.items()},
    )


@lru_cache(maxsize=4096)
def _document(text: str) -> Any:
    return json.loads(text)


def _modules(content: Mapping[str, Any]) -> Iterator[str]:
    agent = content["modulesContent"]["$edgeAgent"]
    whole = agent.get(DESIRED, {})
    yield from whole.get("modules", {})
    yield from whole.get("systemModules", {})
    for key in agent:
        path = key.removeprefix(f"{DESIRED}.").split(".")
        if path[0] == "modules" and path[1:]:
            yield path[1]


def _sorted(names: Iterable[str]) -> Names:
    return tuple(sorted(names))
