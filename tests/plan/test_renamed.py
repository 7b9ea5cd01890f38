"""A group that is renamed, seen by the plan alone."""

from __future__ import annotations

from reconciler.diff import Action, Reason
from reconciler.model import ActualState, Commit, Observed, Resource, ResourceId, Scope, Spec
from reconciler.plan import Plan, Policy, Wish, build
from reconciler.registry import KINDS

GROUP = KINDS["DeviceGroup"]
SCOPE = Scope("contoso", "test")
OLD = ResourceId("DeviceGroup", "north")


def group(name: str, **spec: str) -> Resource:
    written: Spec = {"devices": ("gw-1",), "owner": "contoso", "name": name, **spec}
    return Resource(ResourceId("DeviceGroup", name), GROUP.normalize(written, {}))


def live(resource: Resource) -> Observed:
    spec = {key: value for key, value in resource.spec.items() if key != "previousName"}
    return Observed(resource.id, spec, owned=True, address="tags.reconciler")


def plan(*there: Observed, prune: bool = False) -> Plan:
    wish = Wish(Commit(), SCOPE, (group("boreal", previousName="north"),), Policy(prune=prune))
    return build(wish, ActualState("memory", {item.id: item for item in there}), KINDS)


def base(condition: object, *, owned: bool = True) -> Observed:
    """A deployment that is not in git."""
    spec: Spec = {"targetCondition": str(condition), "priority": 1}
    return Observed(ResourceId("Deployment", "base", "v1:0"), spec, owned=owned, address="base-0")


def test_what_had_the_name_before_goes_without_prune() -> None:
    changes = {change.id: change for change in plan(live(group("north"))).changes}
    assert changes[OLD].action is Action.DELETE
    assert changes[OLD].reason is Reason.RENAMED
    assert len(changes) == 2


def test_once_that_is_gone_there_is_nothing_to_do() -> None:
    assert plan(live(group("boreal"))).changes == ()


def test_it_stays_while_something_that_stays_asks_for_it() -> None:
    old = live(group("north"))
    for stays in (
        base(old.spec["targetCondition"]),
        base(old.spec["targetCondition"], owned=False),
    ):
        found = plan(old, stays)
        assert [change.id.name for change in found.changes] == ["boreal"]
        assert [c.id for c in found.unchanged if c.reason is Reason.HELD] == [OLD]


def test_what_asks_for_it_goes_first() -> None:
    old = live(group("north"))
    found = plan(old, base(old.spec["targetCondition"]), prune=True)
    order = [change.id.kind for change in found.changes if change.action is Action.DELETE]
    assert order == ["Deployment", "DeviceGroup"]
