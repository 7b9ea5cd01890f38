"""Plans worth looking at, each with the text that a person reads in `golden/`.

`python -m tests.report.scenes` writes those texts again: read the difference before it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from reconciler.diff import Action, Change, FieldChange, Reason
from reconciler.model import (
    Commit,
    Diagnostic,
    FieldRule,
    Marker,
    Observed,
    Origin,
    Resource,
    ResourceId,
    Scope,
    Severity,
    Spec,
    State,
)
from reconciler.plan import Limit, Plan, Policy
from reconciler.plan.narrow import narrowed
from reconciler.report import text
from tests.fleets import (
    KEEPING,
    apply,
    become,
    guarded,
    holding,
    know,
    live,
    plan_for,
    stack,
)

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "x\x1b[31m\nPlan: 0 to add\u202e\x9b"
BIG = "a" * 200


def create() -> Plan:
    return plan_for(holding(), guarded("vision"))


def update() -> Plan:
    tags: Spec = {"tags": {"team": "edge", "gone": "x"}}
    after = guarded(
        "vision",
        Image={"tags": {"team": "vision", "new": "y"}},
        DeviceGroup={"devices": ("gw-1", "gw-3"), "targetCondition": "tags.line = 'z'"},
        Deployment={"priority": 20},
    )
    return plan_for(holding(*guarded("vision", Image=tags)), after)


def replacement() -> Plan:
    before: Spec = {"app": {"image": "vision", "env": BIG + "1", "old": {"a": 1, "b": 2}}}
    after: Spec = {"app": {"image": "vision", "env": BIG + "2"}, "more": {"image": "x.io/y:1"}}
    cloud = holding(*stack("vision", Deployment={"modules": before}))
    wanted = stack("vision", Model={"sha256": "22"}, Deployment={"modules": after, "priority": 20})
    return plan_for(cloud, wanted)


def removal() -> Plan:
    return plan_for(holding(*stack("vision"), *stack("gone")), stack("vision"))


def extras() -> Plan:
    return plan_for(holding(*stack("vision"), *stack("gone")), stack("vision"), KEEPING)


def nothing() -> Plan:
    return plan_for(holding(*stack("vision")), stack("vision"))


def part() -> Plan:
    return narrowed(plan_for(holding(), stack("vision")), ["Image/*"], [])


def empty_part() -> Plan:
    return narrowed(plan_for(holding(), stack("vision")), ["Image/other"], [])


def interrupted() -> Plan:
    """The new generation stands already, and the old one is still there."""
    cloud = holding(*stack("vision"))
    [old] = live(cloud, "Deployment", "vision")
    after = stack("vision", Deployment={"routes": {"up": "x"}})
    apply(cloud, after)
    cloud.hold(old)
    return plan_for(cloud, after)


def tampered() -> Plan:
    cloud = holding(*stack("vision"))
    [live_one] = live(cloud, "Deployment", "vision")
    cloud.forget(live_one.id)
    by_hand = {**live_one.content, "content": {"routes": {}, "modules": {}, "registries": {}}}
    changed = replace(live_one.id, generation="tampered:0a1b2c3d")
    cloud.hold(replace(live_one, id=changed, content=by_hand))
    return plan_for(cloud, stack("vision"))


def rotated() -> Plan:
    cloud = holding(*guarded("vision"))
    know(cloud, "second")
    return plan_for(cloud, guarded("vision"))


def unavailable() -> Plan:
    cloud = holding(*guarded("vision"))
    know(cloud, "")
    return plan_for(cloud, guarded("vision"))


def blocked() -> Plan:
    cloud = holding(*stack("vision"))
    after = stack("vision", Model={"sha256": "22"})
    become(cloud, after, "Image", State.FAILED, log="Step 4/9 : RUN pip install\nno such package")
    return plan_for(cloud, after)


def stuck() -> Plan:
    """Nothing is left that could be done before somebody changes an input."""
    cloud = holding(*stack("vision")[:1])
    become(cloud, stack("vision"), "Image", State.FAILED)
    return plan_for(cloud, stack("vision")[:2])


def waiting() -> Plan:
    cloud = holding(*stack("vision")[:1])
    become(cloud, stack("vision"), "Image", State.PENDING)
    return plan_for(cloud, stack("vision")[:2])


def refused() -> Plan:
    cloud = holding(*stack("vision"), *stack("gone"))
    [group] = live(cloud, "DeviceGroup", "vision")
    marker = Marker("plant-b", "test", "vision", "")
    cloud.hold(replace(group, owned=False, marker=marker))
    return plan_for(cloud, stack("vision"), Policy(prune=True, deletes=Limit(3, 100)))


def hidden() -> Plan:
    lock = ResourceId("Lock", "door")
    want = Resource(lock, {"code": "1234", "color": "red"}, origin=Origin("locks.yaml", 3, 5))
    have = Observed(lock, {"code": "4321", "color": "red"}, "1", owned=True, address="door")
    code = FieldChange(("code",), "4321", "1234", FieldRule.HIDDEN)
    path = (("code",),)
    change = Change(lock, Action.UPDATE, Reason.CHANGED, have, want, (code,), hidden=path)
    new = replace(want, id=ResourceId("Lock", "gate"))
    first = Change(new.id, Action.CREATE, Reason.MISSING, None, new, content=new.spec, hidden=path)
    return Plan(Commit(), Scope("plant-a", "prod"), "memory", ((change, first),), objects=1)


def hostile() -> Plan:
    """Text from YAML and from the cloud that tries to act on the terminal, or to pass for ours."""
    name = ResourceId("Model", HOSTILE)
    spec: Spec = {
        "tags": {HOSTILE: HOSTILE, "b": f"({HOSTILE})"},
        "priority": HOSTILE,
        "targetCondition": HOSTILE,
    }
    want = Resource(name, spec, origin=Origin(HOSTILE, 1))
    first = Change(name, Action.CREATE, Reason.MISSING, None, want, content=spec)
    gone = Observed(ResourceId("Image", HOSTILE), {}, owned=True, address=HOSTILE)
    second = Change(gone.id, Action.DELETE, Reason.REMOVED, gone, None)
    extra = Change(gone.id, Action.NOOP, Reason.EXTRA, gone, None)
    problem = Diagnostic(Severity.WARNING, "odd", HOSTILE, HOSTILE, name, Origin(HOSTILE, 1))
    return Plan(
        Commit("abc1234", dirty=True),
        Scope("plant-a", HOSTILE),
        "memory",
        ((first,), (second,)),
        unchanged=(extra,),
        diagnostics=(problem,),
        objects=2,
    )


SCENES: Mapping[str, Callable[[], Plan]] = {
    scene.__name__: scene
    for scene in (
        create,
        update,
        replacement,
        removal,
        extras,
        nothing,
        part,
        empty_part,
        interrupted,
        tampered,
        rotated,
        unavailable,
        blocked,
        stuck,
        waiting,
        refused,
        hidden,
        hostile,
    )
}


def shown(scene: Callable[[], Plan]) -> str:
    return text.render(scene(), "sha256:e7b4...")


if __name__ == "__main__":
    for name, scene in SCENES.items():
        (GOLDEN / f"{name}.txt").write_text(shown(scene), encoding="utf-8")
