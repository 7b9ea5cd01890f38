"""How the deployments of the hub stand with their devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.app.fleet import Fleet
from reconciler.app.planning import make_plan
from reconciler.kinds.deployment.health import judged
from reconciler.plan import Plan
from reconciler.plan.standing import (
    OnDevice,
    Tally,
    applied_elsewhere,
    deployments,
    looked_at,
    on_devices,
    tallied,
)
from reconciler.providers.port import Provider


@dataclass(frozen=True, slots=True)
class Standing:
    plan: Plan
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    """By the id of a deployment on the hub."""
    devices: tuple[OnDevice, ...] = ()
    """By name; empty unless they were asked for."""


def standing(fleet: Fleet, provider: Provider, *, devices: bool = False) -> Standing:
    """One plan, and the pages of one query on what agents report; of a second one where a
    deployment sets nothing in them.
    """
    plan = make_plan(fleet, provider, retry_failed=False)
    agents = provider.agents
    if agents is None:
        return Standing(plan)
    live = deployments(plan)
    ids = applied_elsewhere(live)
    elsewhere = agents.elsewhere(ids) if ids else frozenset()
    found = on_devices(live, agents(looked_at(live)), judged, elsewhere)
    if not devices:
        return Standing(plan, tallied(found))
    listed = tuple(sorted(found, key=lambda each: each.device))
    return Standing(plan, tallied(listed), listed)
