"""What lost its mark is known by its id and its content, and gets its mark back on request."""

from __future__ import annotations

from dataclasses import replace

from reconciler.apply import execute
from reconciler.diff import Action, Reason
from reconciler.model import Observed, ResourceId, mapping
from reconciler.plan import Plan, Result, Wish, build
from reconciler.plan.ignore import Ignore
from reconciler.providers.memory import MemoryCloud
from tests.fleets import COMMIT, PRUNING, SCOPE, holding, live, stack
from tests.small_kinds import KINDS

FLEET = stack("vision")


def stripped() -> MemoryCloud:
    """A cloud in which somebody removed the mark of the deployment."""
    cloud = holding(*FLEET)
    (have,) = live(cloud, "Deployment", "vision")
    cloud.forget(have.id)
    cloud.hold(bare(have))
    return cloud


def bare(have: Observed) -> Observed:
    return replace(
        have, id=ResourceId("Deployment", have.address), owned=False, marker=None, refs={}
    )


def plan_for(cloud: MemoryCloud, *adopt: str, fleet: str = "vision") -> Plan:
    drafts = stack("vision") if fleet == "vision" else stack("vision", Model={"sha256": "22"})
    wish = Wish(COMMIT, SCOPE, drafts, PRUNING, adopt=adopt)
    return build(wish, cloud.provider.read(drafts), KINDS)


def test_it_is_no_change_and_a_warning_that_says_what_to_do() -> None:
    plan = plan_for(stripped())
    assert plan.changes == ()
    (change,) = (c for c in plan.unchanged if c.id.kind == "Deployment")
    assert (change.action, change.reason) == (Action.NOOP, Reason.STRIPPED)
    (said,) = (d for d in plan.diagnostics if d.code == "labels.stripped")
    assert "--adopt Deployment/vision" in said.hint
    assert plan.applicable


def test_only_what_is_named_is_adopted() -> None:
    assert plan_for(stripped(), "Deployment/other").changes == ()
    (change,) = plan_for(stripped(), "Deployment/vis*").changes
    assert (change.action, change.reason) == (Action.UPDATE, Reason.ADOPTED)


def test_an_agreement_on_fields_does_not_keep_a_mark_from_being_written_back() -> None:
    agreed = Ignore("Deployment/vision", "2027-01-01", (("priority",),))
    wish = Wish(COMMIT, SCOPE, FLEET, PRUNING, adopt=("Deployment/vision",))
    wish = replace(wish, ignores=(agreed,), today="2026-12-31")
    plan = build(wish, stripped().provider.read(FLEET), KINDS)
    assert [change.reason for change in plan.changes] == [Reason.ADOPTED]


def test_what_was_adopted_is_ours_again_under_its_address() -> None:
    cloud = stripped()
    (stray,) = live_by_address(cloud)
    (outcome,) = execute(plan_for(cloud, "Deployment/vision"), cloud.provider)
    assert outcome.result is Result.APPLIED
    (now,) = live(cloud, "Deployment", "vision")
    assert (now.owned, now.address) == (True, stray)
    assert plan_for(cloud).changes == ()


def test_what_changed_after_the_plan_is_not_adopted() -> None:
    cloud = stripped()
    plan = plan_for(cloud, "Deployment/vision")
    items = cloud.handlers["Deployment"].items
    for key, item in items.items():
        items[key] = replace(item, version="touched")
    (outcome,) = execute(plan, cloud.provider)
    assert outcome.result is Result.FAILED


def test_other_content_under_the_id_is_somebody_else_s() -> None:
    cloud = stripped()
    items = cloud.handlers["Deployment"].items
    for key, item in items.items():
        items[key] = replace(item, content={**mapping(item.content), "odd": True})
    plan = plan_for(cloud)
    assert [(c.action, c.id.kind) for c in plan.changes] == [(Action.CREATE, "Deployment")]


def test_an_older_generation_without_its_mark_is_named_and_stays() -> None:
    cloud = stripped()
    (stray,) = live_by_address(cloud)
    plan = plan_for(cloud, fleet="newer")
    assert not any(c.action is Action.DELETE for c in plan.changes)
    (said,) = (d for d in plan.diagnostics if d.code == "labels.lost")
    assert stray in said.summary


def live_by_address(cloud: MemoryCloud) -> list[str]:
    return [item.address for item in cloud.handlers["Deployment"].items.values()]
