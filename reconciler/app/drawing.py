"""The fleet as a picture: of files alone, of a file of devices, or held against what is live."""

from __future__ import annotations

from reconciler.app.fleet import Fleet
from reconciler.app.planning import make_plan
from reconciler.plan.membership import looked_at, members
from reconciler.plan.picture import Facts, Graph, drawn, of_plan
from reconciler.providers.port import Provider
from reconciler.source.devices import DeviceFile


def graph(fleet: Fleet, given: DeviceFile | None = None) -> Graph:
    """Without a cloud; with a file, how many of its devices each group has."""
    devices = members(fleet.drafts, given) if given else {}
    return drawn(fleet.drafts, Facts(devices=devices))


def live_graph(fleet: Fleet, provider: Provider, given: DeviceFile | None = None) -> Graph:
    """With what a plan makes of each part; devices are those of a file, else of the hub."""
    plan = make_plan(fleet, provider, retry_failed=False)
    wanted = tuple(plan.desired.values())
    if given:
        return of_plan(plan, members(wanted, given))
    if provider.devices is None:
        return of_plan(plan)
    return of_plan(plan, members(wanted, provider.devices(looked_at(wanted))))
