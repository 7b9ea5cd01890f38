"""A plan held against the devices that it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from reconciler.edge.condition import Field
from reconciler.edge.layering import RemovedLayer
from reconciler.edge.twin import Twin
from reconciler.plan.deployed import Course, course
from reconciler.plan.impact import assess, looked_at
from reconciler.plan.plan import Plan
from reconciler.plan.simulation import Simulation, simulate

Read: TypeAlias = Callable[[Sequence[Field]], Iterable[Twin]]
"""Gives devices, of which only some fields are needed."""


def concerns_devices(whole: Plan, part: Plan) -> bool:
    """Whether anything can become of any device by a part of a plan."""
    return _course(whole, part).leads_on


def assessed(
    whole: Plan, part: Plan, read: Read, reading: RemovedLayer = RemovedLayer.MODULES_GO
) -> Plan:
    """The part, with what it does to devices and what is to be said of that."""
    way = _course(whole, part)
    impact = assess(way, read(looked_at(way)), reading)
    said = sorted((*part.diagnostics, *impact.diagnostics), key=str)
    return replace(part, impact=impact, diagnostics=tuple(said))


def simulated(plan: Plan, device: str, read: Read) -> Simulation | None:
    """What one device runs and will run; None if it is not among those that are read."""
    way = _course(plan, plan)
    found = (twin for twin in read(looked_at(way)) if twin.device == device)
    twin = next(found, None)
    return simulate(way, twin) if twin else None


def _course(whole: Plan, part: Plan) -> Course:
    return course((*whole.changes, *whole.unchanged), part.changes)
