"""What must hold for any two fleets."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.apply import Pace, execute
from reconciler.diff import Action, Reason
from reconciler.model import Resource
from reconciler.plan import Policy, Result
from reconciler.plan.graph import waits
from reconciler.plan.narrow import narrowed
from reconciler.report import json, text
from tests.fleets import KEEPING, PRUNING, fleets, holding, know, lines, plan_for, settle

MANY = settings(max_examples=60, deadline=None)
FEWER = settings(max_examples=25, deadline=None)
Fleet = tuple[Resource, ...]
GLOBS = st.sampled_from(["*/a", "*/b", "Model/*", "Image/b", "Deployment/*", "DeviceGroup/a"])
POLICIES = st.sampled_from([KEEPING, PRUNING])


@MANY
@given(
    before=fleets(), after=fleets(), secret=st.sampled_from(["first", "second"]), policy=POLICIES
)
def test_applying_a_plan_leaves_nothing_to_do(
    before: Fleet, after: Fleet, secret: str, policy: Policy
) -> None:
    if not after:
        return
    cloud = holding(*before)
    know(cloud, secret)
    settle(cloud, after, policy)
    assert lines(plan_for(cloud, after, policy).changes) == []


@MANY
@given(before=fleets(), after=fleets(), data=st.data())
def test_the_order_of_files_and_of_answers_does_not_matter(
    before: Fleet, after: Fleet, data: st.DataObject
) -> None:
    cloud = holding(*before)
    plan = plan_for(cloud, after)
    shuffled = tuple(data.draw(st.permutations(after)))
    for handler in cloud.handlers.values():
        handler.items = dict(reversed(handler.items.items()))
    again = plan_for(cloud, shuffled)
    assert again.waves == plan.waves
    assert json.document(again) == json.document(plan)


@MANY
@given(before=fleets(), after=fleets())
def test_nothing_waits_for_a_later_wave(before: Fleet, after: Fleet) -> None:
    plan = plan_for(holding(*before), after)
    wave = {change.id: number for number, wave in enumerate(plan.waves) for change in wave}
    for resource_id, needed in waits(plan.changes).items():
        assert all(wave[other] < wave[resource_id] for other in needed)
    left_git = [change.reason is Reason.REMOVED for change in plan.changes]
    assert left_git == sorted(left_git)


@MANY
@given(before=fleets(), after=fleets(), globs=st.sets(GLOBS), without=st.sets(GLOBS))
def test_any_part_of_a_plan_can_be_applied_and_the_rest_after_it(
    before: Fleet, after: Fleet, globs: set[str], without: set[str]
) -> None:
    if not after:
        return
    cloud = holding(*before)
    plan = narrowed(plan_for(cloud, after), sorted(globs), sorted(without))
    for outcome in execute(plan, cloud.provider):
        assert outcome.result is Result.APPLIED, outcome.detail
    settle(cloud, after)
    assert plan_for(cloud, after).changes == ()


@FEWER
@given(before=fleets(), after=fleets())
def test_side_by_side_ends_where_one_at_a_time_does(before: Fleet, after: Fleet) -> None:
    if not after:
        return
    cloud, alone = holding(*before), holding(*before)
    for outcome in execute(plan_for(cloud, after), cloud.provider, Pace(workers=4)):
        assert outcome.result is Result.APPLIED, outcome.detail
    settle(alone, after)
    for kind, handler in cloud.handlers.items():
        assert handler.items.keys() == alone.handlers[kind].items.keys()
    assert plan_for(cloud, after).changes == ()


@MANY
@given(before=fleets(), after=fleets())
def test_a_revert_leads_back_to_the_same_objects(before: Fleet, after: Fleet) -> None:
    if not before or not after:
        return
    cloud = holding(*before)
    ids = {kind: set(handler.items) for kind, handler in cloud.handlers.items()}
    settle(cloud, after)
    settle(cloud, before)
    assert cloud.handlers["Deployment"].items.keys() == ids["Deployment"]
    assert cloud.handlers["Model"].items.keys() >= ids["Model"]


@MANY
@given(before=fleets(), after=fleets())
def test_every_change_is_shown_and_counted_once(before: Fleet, after: Fleet) -> None:
    plan = plan_for(holding(*before), after)
    shown = text.render(plan, "sha256:0")
    for change in plan.changes:
        assert f"# {change.id} " in shown
    counted = "Plan: {} to add, {} to change, {} to destroy.".format(
        *(plan.count(a) for a in (Action.CREATE, Action.UPDATE, Action.DELETE))
    )
    assert (counted in shown) == bool(plan.changes)
