"""Three ways, in memory: where nothing is known of the past, nothing is made up."""

from __future__ import annotations

import pytest

from reconciler.model import ResourceId
from reconciler.plan import Plan, Wish, build
from reconciler.plan.drift import Applied, Finding, Sync, findings
from reconciler.providers.memory import MemoryCloud
from tests.fleets import COMMIT, PRUNING, SCOPE, holding, linked, stack
from tests.small_kinds import KINDS

DEPLOYMENT = ResourceId("Deployment", "vision")
IMAGE = ResourceId("Image", "vision")
LIVE = stack("vision", Deployment={"priority": 30})
GIT = stack("vision")


def plan_for(cloud: MemoryCloud) -> Plan:
    return build(Wish(COMMIT, SCOPE, GIT, PRUNING), cloud.provider.read(GIT), KINDS)


def applied(*fleet: str) -> Applied:
    """The past in which one of these fleets was applied."""
    wanted = linked(*(LIVE if "live" in fleet else GIT)).resources.values()
    return Applied(COMMIT.sha, {COMMIT.sha: {r.id.lineage: r for r in wanted}})


def finding(plan: Plan, past: Applied, which: ResourceId) -> Finding:
    (found,) = (f for f in findings(plan, past) if f.id == which)
    return found


@pytest.mark.parametrize(
    ("past", "sync"),
    [
        (Applied(), Sync.UNKNOWN),
        (applied("live"), Sync.PENDING),
        (applied("git"), Sync.DRIFTED),
    ],
)
def test_which_side_moved_is_known_from_what_was_applied(past: Applied, sync: Sync) -> None:
    assert finding(plan_for(holding(*LIVE)), past, DEPLOYMENT).sync is sync


def test_what_is_new_is_pending_where_nothing_was_applied() -> None:
    assert finding(plan_for(holding()), Applied(), DEPLOYMENT).sync is Sync.PENDING


def test_what_was_applied_and_is_gone_has_drifted() -> None:
    assert finding(plan_for(holding()), applied("git"), IMAGE).sync is Sync.DRIFTED


def test_every_resource_is_judged_once() -> None:
    found = findings(plan_for(holding(*LIVE)), applied("git"))
    assert [f.id for f in found] == sorted({f.id for f in found})
