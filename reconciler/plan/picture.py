"""A fleet as nodes and edges: from models over images and deployments to groups of devices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from reconciler.diff import Action
from reconciler.model import FieldPath, Resource, ResourceId
from reconciler.plan.entries import Entry, entries
from reconciler.plan.plan import Plan

KINDS = ("Model", "Image", "RegistryCredential", "Deployment", "DeviceGroup")
"""What is drawn, in the order in which it reaches a device; a device is only counted."""
GROUP = "DeviceGroup"


class Mark(Enum):
    """What a plan makes of a node."""

    UNKNOWN = "not compared"
    SAME = "in sync"
    CREATE = "to be created"
    UPDATE = "to be updated"
    REPLACE = "to be replaced"
    DELETE = "to be deleted"
    BROKEN = "not there, and not made by this plan"


@dataclass(frozen=True, slots=True)
class Node:
    id: ResourceId
    """Of the lineage: generations of one thing are one node."""
    action: Mark = Mark.UNKNOWN
    devices: int | None = None
    """How many devices it is for; None where that is not known or says nothing."""

    @property
    def kind(self) -> str:
        return self.id.kind

    @property
    def name(self) -> str:
        return self.id.name

    @property
    def label(self) -> str:
        """Name and, where it is known, for how many devices: plain text, not escaped."""
        if self.devices is None:
            return self.name
        return f"{self.name} ({self.devices:,} device{'' if self.devices == 1 else 's'})"


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One thing gets into another: a model into an image, a deployment onto a group."""

    source: ResourceId
    target: ResourceId
    label: str = ""
    """The modules for which it does; plain text, not escaped."""


@dataclass(frozen=True, slots=True)
class Graph:
    nodes: tuple[Node, ...] = ()
    """By kind in the order of `KINDS`, then by name."""
    edges: tuple[Edge, ...] = ()
    """Each between two of the nodes, in the order of those that they start at."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beyond the documents, by lineage."""

    marks: Mapping[ResourceId, Mark] = field(default_factory=dict)
    unmarked: Mark = Mark.UNKNOWN
    """What everything else is."""
    devices: Mapping[ResourceId, int] = field(default_factory=dict)


def drawn(desired: Iterable[Resource], facts: Facts | None = None) -> Graph:
    """What git asks for, and what is only there to be deleted."""
    known = facts or Facts()
    resources = {each.id.lineage: each for each in desired if each.id.kind in KINDS}
    gone = {
        lineage
        for lineage, mark in known.marks.items()
        if mark is Mark.DELETE and lineage.kind in KINDS
    }
    nodes = sorted(resources.keys() | gone, key=_place)
    return Graph(
        tuple(
            Node(id_, known.marks.get(id_, known.unmarked), known.devices.get(id_)) for id_ in nodes
        ),
        tuple(sorted(_edges(resources), key=lambda edge: (_place(edge.source), edge))),
    )


def of_plan(plan: Plan, devices: Mapping[ResourceId, int] | None = None) -> Graph:
    """The fleet with what a plan does to each part; without counts, those of its impact."""
    marks = {change.id.lineage: Mark.BROKEN for change in plan.stuck}
    marks |= {entry.change.id.lineage: _mark(entry) for entry in entries(plan)}
    if devices is None:
        reached = plan.impact.reach if plan.impact else {}
        devices = {id_: reach.devices for id_, reach in reached.items()}
    return drawn(plan.desired.values(), Facts(marks, Mark.SAME, devices))


def _place(lineage: ResourceId) -> tuple[int, ResourceId]:
    return KINDS.index(lineage.kind), lineage


def _edges(resources: Mapping[ResourceId, Resource]) -> Iterator[Edge]:
    """A reference points up the stream, but for the one to a group."""
    for lineage, resource in resources.items():
        labels: dict[ResourceId, list[str]] = {}
        for path, ref in sorted(resource.refs.items()):
            if ref.lineage in resources:
                labels.setdefault(ref.lineage, []).extend(_module(path))
        for ref, modules in labels.items():
            ends = (lineage, ref) if ref.kind == GROUP else (ref, lineage)
            yield Edge(*ends, ", ".join(dict.fromkeys(modules)))


def _module(path: FieldPath) -> Iterator[str]:
    if path[0] == "modules" and len(path) > 1:
        yield path[1]


def _mark(entry: Entry) -> Mark:
    match entry.change.action:
        case Action.CREATE:
            return Mark.REPLACE if entry.replaces else Mark.CREATE
        case Action.UPDATE:
            return Mark.UPDATE
        case Action.DELETE:
            return Mark.DELETE
        case Action.NOOP:
            return Mark.SAME
