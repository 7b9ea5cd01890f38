"""What devices run and will run: one of them, or those of a group."""

from __future__ import annotations

from reconciler.app.fleet import Fleet
from reconciler.app.planning import make_plan
from reconciler.plan.assessment import simulated_group, with_known_tags
from reconciler.plan.simulation import GroupSimulation
from reconciler.providers.port import Provider
from reconciler.source.devices import DeviceFile


def group_simulation(
    fleet: Fleet, provider: Provider, group: str, given: DeviceFile | None
) -> GroupSimulation | None:
    """Of the devices of a file, else of the hub; None if git has no such group."""
    plan = make_plan(fleet, provider, retry_failed=False)
    if given:
        return simulated_group(plan, group, lambda _fields: with_known_tags(plan, given))
    return simulated_group(plan, group, provider.devices) if provider.devices else None
