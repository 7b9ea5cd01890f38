"""What stops a plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.edge.effects import Effects
from reconciler.edge.layering import Effective
from reconciler.model import Diagnostic, Marker, Resource, ResourceId, Severity, Spec, State
from reconciler.plan import Limit, Plan, Policy
from reconciler.plan.guards import device_guards
from reconciler.plan.impact import EffectiveChange, Impact
from tests.fleets import UNLIMITED, become, draft, holding, plan_for, stack


def models(count: int, sha256: str = "11") -> list[Resource]:
    return [draft("Model", f"m{n}", {"sha256": sha256}) for n in range(count)]


def deployments(count: int, route: str) -> list[Resource]:
    group = draft("DeviceGroup", "all", {"targetCondition": "*"})
    spec: Spec = {"targetCondition": "all", "priority": 1, "routes": {"up": route}}
    return [group, *(draft("Deployment", f"d{n}", spec) for n in range(count))]


def codes(plan: Plan) -> list[str]:
    return [diagnostic.code for diagnostic in plan.diagnostics]


def one(plan: Plan) -> Diagnostic:
    [diagnostic] = plan.diagnostics
    return diagnostic


def test_as_many_deletes_as_the_policy_allows_pass() -> None:
    policy = Policy(prune=True, deletes=Limit(3, 100))
    plan = plan_for(holding(*models(5)), models(2), policy)
    assert codes(plan) == []
    assert plan.applicable


def test_one_delete_more_is_refused_and_says_how_to_go_on() -> None:
    policy = Policy(prune=True, deletes=Limit(2, 100))
    plan = plan_for(holding(*models(5)), models(2), policy)
    assert str(one(plan)).splitlines() == [
        "error[guard.deletes] the plan deletes 3 of 5 objects (60.0 %), the policy allows 2",
        "  hint: review it, then pass --allow deletes@DIGEST with the digest of this plan",
    ]
    assert not plan.applicable


@pytest.mark.parametrize(("there", "expected"), [(10, []), (11, ["guard.deletes"])])
def test_a_percentage_says_nothing_of_few_objects(there: int, expected: list[str]) -> None:
    policy = Policy(prune=True, deletes=Limit(100, 20.0))
    assert codes(plan_for(holding(*models(there)), models(there - 5), policy)) == expected


def test_exactly_the_percentage_passes() -> None:
    policy = Policy(prune=True, deletes=Limit(100, 25.0))
    assert codes(plan_for(holding(*models(20)), models(15), policy)) == []
    assert one(plan_for(holding(*models(20)), models(14), policy)).summary == (
        "the plan deletes 6 of 20 objects (30.0 %), the policy allows 25 %"
    )


def test_replacements_are_counted_apart_from_deletes() -> None:
    policy = Policy(prune=True, deletes=Limit(0, 0), replaces=Limit(2, 100))
    cloud = holding(*deployments(3, "a"))
    plan = plan_for(cloud, deployments(3, "b"), policy)
    assert one(plan).summary.startswith("the plan replaces 3 of 3 objects (100.0 %)")


def test_what_is_kept_is_not_counted() -> None:
    policy = Policy(deletes=Limit(0, 0), replaces=Limit(0, 0))
    assert codes(plan_for(holding(*models(12)), models(12, "22"), policy)) == []
    assert codes(plan_for(holding(*models(12)), models(1), policy)) == []


def test_an_empty_fleet_never_prunes() -> None:
    policy = Policy(prune=True, deletes=UNLIMITED)
    plan = plan_for(holding(*models(2)), [], policy)
    assert codes(plan) == ["guard.empty"]
    assert "would delete 2 objects" in plan.diagnostics[0].summary


def test_an_empty_fleet_for_an_empty_cloud_is_nothing_to_do() -> None:
    plan = plan_for(holding(), [], Policy(prune=True))
    assert (codes(plan), plan.changes) == ([], ())


def test_an_id_that_somebody_else_took_is_refused_with_their_name() -> None:
    [group] = [r for r in stack("vision") if r.id.kind == "DeviceGroup"]
    cloud = holding(group)
    [ours] = cloud.handlers["DeviceGroup"].items.values()
    theirs = replace(ours, owned=False, marker=Marker("plant-b", "test", "vision", ""))
    cloud.hold(theirs)
    plan = plan_for(cloud, [group])
    found = one(plan)
    assert (found.code, str(found.origin)) == ("plan.taken", "fleet/devicegroups/vision.yaml:1")
    assert found.summary == (
        'its id is taken by something that is not ours (owner "plant-b", environment "test")'
    )
    assert plan.changes == ()
    cloud.hold(replace(theirs, marker=None))
    assert one(plan_for(cloud, [group])).summary.endswith("not ours")


def test_what_is_only_referred_to_must_be_there() -> None:
    pinned = draft("Model", "vision", {"version": 3})
    cloud = holding()
    cloud.handlers["Model"].absent.add(pinned.id)
    plan = plan_for(cloud, [pinned])
    assert (one(plan).code, one(plan).subject) == ("plan.absent", plan.stuck[0].id)
    assert not plan.applicable


def test_a_failed_build_is_a_warning_with_the_end_of_its_log() -> None:
    fleet = stack("vision")[:2]
    cloud = holding(fleet[0])
    become(cloud, fleet, "Image", State.FAILED, log="step 4\npip failed")
    warning = one(plan_for(cloud, fleet))
    assert warning.severity is Severity.WARNING
    assert warning.subject
    assert warning.subject.lineage == ResourceId("Image", "vision")
    assert warning.summary.splitlines() == [
        "its last build failed; it is not tried again until an input changes",
        "    step 4",
        "    pip failed",
    ]
    assert "--retry-failed" in warning.hint


@pytest.mark.parametrize(
    ("changed", "of", "limit", "expected"),
    [
        (5, 10, Limit(5, 10), []),
        (6, 10, Limit(5, 100), ["guard.devices"]),
        (2, 11, Limit(5, 10), ["guard.devices"]),
        (10, 10, Policy().devices, []),
    ],
)
def test_devices_have_a_limit_of_their_own(
    changed: int, of: int, limit: Limit, expected: list[str]
) -> None:
    each = EffectiveChange(changed, "gw-1", Effective(), Effective(), Effects())
    found = device_guards(Impact(of, (each,)), Policy(devices=limit))
    assert [diagnostic.code for diagnostic in found] == expected
