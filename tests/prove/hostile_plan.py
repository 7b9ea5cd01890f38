"""One plan with a text wherever text can stand."""

from __future__ import annotations

from reconciler.diff import Action, Change, FieldChange, Reason
from reconciler.edge.effects import Effects
from reconciler.edge.layering import Effective
from reconciler.model import (
    Commit,
    Diagnostic,
    FieldRule,
    Observed,
    Origin,
    Refs,
    Resource,
    ResourceId,
    Scope,
    Severity,
    Spec,
)
from reconciler.plan import Plan
from reconciler.plan.impact import EffectiveChange, Impact, Reach

KINDS = ("Model", "Deployment", "DeviceGroup", "Image")
"""Of what changes."""
FOLDED = 12
"""So many fields that their difference is folded."""


def plan(text: str) -> Plan:
    """Something of everything, with the text wherever text can stand."""
    spec: Spec = {
        "tags": {text: text},
        "description": text,
        "priority": text,
        "targetCondition": text,
        "list": (text, {text: text}),
        "many": {f"{text}{number}": text for number in range(FOLDED)},
    }
    origin = Origin(text, 1)
    group = Resource(ResourceId("DeviceGroup", text), spec, origin=origin)
    refs: Refs = {("targetCondition",): group.id}
    want = Resource(ResourceId("Deployment", text, "v1:" + "2" * 64), spec, refs, origin)
    old = ResourceId("Deployment", text, "v1:" + "1" * 64)
    have = Observed(old, spec, "1", owned=True, address=text, refs=refs, content={text: text})
    field = FieldChange((text,), text, f"{text}2", FieldRule.UPDATE)
    live = Observed(group.id, spec, "1", owned=True, address=text)
    gone = Observed(ResourceId("Image", text), {}, owned=True, address=text)
    model = Resource(ResourceId("Model", text), spec, origin=origin)
    first = (
        Change(model.id, Action.CREATE, Reason.MISSING, None, model, content=spec),
        Change(want.id, Action.CREATE, Reason.MISSING, None, want, content={text: f"{text}2"}),
        Change(group.id, Action.UPDATE, Reason.CHANGED, live, group, (field,)),
    )
    last = (
        Change(old, Action.DELETE, Reason.SUPERSEDED, have, None),
        Change(gone.id, Action.DELETE, Reason.REMOVED, gone, None),
    )
    extra = Change(gone.id, Action.NOOP, Reason.EXTRA, gone, None)
    return Plan(
        Commit("abc1234", dirty=True, repository=text),
        Scope(text, text),
        "memory",
        (first, last),
        unchanged=(extra,),
        diagnostics=(
            Diagnostic(Severity.WARNING, text, text, text, want.id, origin),
            Diagnostic(Severity.ERROR, "odd", f"{text}: {text}", text, model.id, origin),
        ),
        objects=4,
        desired={each.id: each for each in (model, want, group)},
        impact=_impact(text),
    )


def _impact(text: str) -> Impact:
    named = (text,)
    before, after = Effective(text), Effective(text, named)
    told = Effects(named, named, named, named, named, named, named)
    lost = EffectiveChange(1, text, after, Effective(), Effects())
    return Impact(
        5,
        (EffectiveChange(3, text, before, after, told), lost),
        {ResourceId("Deployment", text): Reach(3, named, named, named)},
        doubts=named,
    )
