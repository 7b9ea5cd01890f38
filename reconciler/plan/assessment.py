"""A plan held against the devices that it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from reconciler.edge.condition import Field, fields
from reconciler.edge.layering import RemovedLayer
from reconciler.edge.twin import Twin
from reconciler.model import Diagnostic, ResourceId, Severity
from reconciler.plan.deployed import Course, course, memberships
from reconciler.plan.evidence import evidence
from reconciler.plan.guards import device_guards
from reconciler.plan.impact import Impact, assess, looked_at
from reconciler.plan.plan import Plan
from reconciler.plan.simulation import (
    Group,
    GroupSimulation,
    Simulation,
    simulate,
    simulate_group,
)
from reconciler.plan.tagging import arrivals

GROUP = "DeviceGroup"

Read: TypeAlias = Callable[[Sequence[Field]], Iterable[Twin]]
"""Gives devices, of which only some fields are needed."""


def concerns_devices(whole: Plan, part: Plan) -> bool:
    """Whether anything can become of any device by a part of a plan."""
    return _course(whole, part).leads_on


def asked_of_devices(whole: Plan, part: Plan) -> tuple[Field, ...]:
    """What must be known of every device to say what becomes of it."""
    return looked_at(_course(whole, part))


def assessed(
    whole: Plan, part: Plan, read: Read, reading: RemovedLayer = RemovedLayer.MODULES_GO
) -> Plan:
    """The part, with what it does to devices and what is to be said of that."""
    way = _course(whole, part)
    impact = assess(way, read(looked_at(way)), reading)
    said = (*part.diagnostics, *impact.diagnostics, *device_guards(impact, part.policy))
    return replace(part, impact=impact, diagnostics=tuple(sorted(said, key=str)))


def in_part(plan: Plan, missing: str, remedy: str) -> Plan:
    """A plan whose counts lack devices: it is shown, and cannot be applied."""
    told = Diagnostic(
        Severity.ERROR,
        "devices.incomplete",
        f"the counts of devices are incomplete: {missing}",
        remedy or "plan again",
    )
    impact = plan.impact or Impact()
    return replace(
        plan,
        impact=replace(impact, doubts=(*impact.doubts, missing)),
        diagnostics=tuple(sorted((*plan.diagnostics, told), key=str)),
    )


def with_evidence(whole: Plan, part: Plan, twins: Iterable[Twin]) -> Plan:
    """The part, with some of the devices from which it takes something away."""
    if part.impact is None:
        return part
    way = _course(whole, part)
    kept = evidence(way, looked_at(way), twins)
    return replace(part, impact=replace(part.impact, evidence=kept))


def simulated(plan: Plan, device: str, read: Read) -> Simulation | None:
    """What one device runs and will run; None if it neither is there nor is registered by this."""
    way = _course(plan, plan)
    found = (twin for twin in read(looked_at(way)) if twin.device == device)
    if twin := next(found, None):
        return simulate(way, twin)
    arriving = next((twin for twin in arrivals(way.tagging) if twin.device == device), None)
    return simulate(way, arriving, new=True) if arriving else None


def simulated_group(plan: Plan, name: str, read: Read) -> GroupSimulation | None:
    """What the devices of a group run and will run; None if git has no such group."""
    wanted = plan.desired.get(ResourceId(GROUP, name))
    if wanted is None:
        return None
    way, group = _course(plan, plan), Group.of(name, wanted.spec)
    looked = {*looked_at(way), *fields(group.condition)}
    twins = read(sorted(looked, key=lambda each: each.path))
    return simulate_group(way, group, twins)


def with_known_tags(plan: Plan, twins: Iterable[Twin]) -> Iterator[Twin]:
    """Devices of a file, with the tags of groups that the hub is known to hold for them.

    A file may be older than these, or written by hand: without them, layers for such a group
    would seem to be for nobody.
    """
    held = Course(moves=tuple(memberships((*plan.changes, *plan.unchanged))))
    yield from map(held.followed_by, twins)


def _course(whole: Plan, part: Plan) -> Course:
    return course((*whole.changes, *whole.unchanged), part.changes, whole.desired)
