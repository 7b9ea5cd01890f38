"""What is only referred to, never written: how it becomes what a draft asked for, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace

from reconciler.diff import Action, Change, Reason
from reconciler.model import (
    ActualState,
    DesiredState,
    Diagnostic,
    FieldPath,
    HeldSecret,
    Kinds,
    Observed,
    Refs,
    Resource,
    ResourceId,
    Severity,
    mapping,
    text,
)
from reconciler.plan.graph import Edges
from reconciler.plan.secrets import COUNTER


def recognised(desired: DesiredState, actual: ActualState, kinds: Kinds) -> ActualState:
    """Give what is only referred to the generation that its draft was linked to."""
    referred = {
        resource.id.lineage: resource
        for resource in desired.resources.values()
        if not kinds[resource.id.kind].managed(resource.spec)
    }
    items = (
        as_linked(item, referred[item.id]) if item.id in referred else item
        for item in actual.resources.values()
    )
    return replace(actual, resources={item.id: item for item in items})


def standing(actual: ActualState, kinds: Kinds) -> ActualState:
    """Let what is live refer to what stands in its fields: a deployment to a group's condition."""
    places = {
        (item.id.kind, told): item.id
        for item in actual.resources.values()
        if (stand_in := kinds[item.id.kind].stand_in)
        and item.owned
        and (told := stand_in(item.spec))
    }
    sorts = {kind for kind, _ in places}
    found = {}
    for item in actual.resources.values():
        refs: Refs = {
            (field,): places[kind, value]
            for field, value in item.spec.items()
            if isinstance(value, str)
            for kind in sorts - {item.id.kind}
            if (kind, value) in places
        }
        found[item.id] = replace(item, refs={**refs, **item.refs}) if refs else item
    return replace(actual, resources=found)


def as_linked(item: Observed, want: Resource) -> Observed:
    """What a handler found for a draft, under the id of the linked resource.

    A handler that looks for what a draft names cannot know the generation: it says the lineage.
    Nor can it know how often a secret was rotated, which whoever writes the secret must note.
    """
    counter = want.spec.get(COUNTER)
    if not isinstance(counter, int):
        return replace(item, id=want.id)
    held = {name: HeldSecret(counter, held.secret) for name, held in item.secrets.items()}
    return replace(item, id=want.id, secrets=held)


def awaiting(changes: Collection[Change], kinds: Kinds) -> Edges:
    """For what refers to something that is not there yet, the creations that may bring it."""
    coming = {c.id for c in changes if c.reason is Reason.AWAITED}
    bringing: defaultdict[str, list[ResourceId]] = defaultdict(list)
    for change in changes:
        if change.action is Action.CREATE:
            bringing[change.id.kind].append(change.id)
    return {
        change.id: tuple(
            made
            for ref in sorted({*change.refs.values()} & coming)
            for made in bringing[kinds[ref.kind].comes_with]
        )
        for change in changes
        if change.action in {Action.CREATE, Action.UPDATE} and coming & {*change.refs.values()}
    }


def moved(changes: Collection[Change]) -> Iterator[Diagnostic]:
    """Tags that lead to another image than when what uses them was written.

    A live object notes by field what it was written with, `digests`; what is referred to says what
    it is now, `digest`.
    """
    there = {change.id: change.before for change in changes if change.before}
    for change in changes:
        if change.action not in {Action.NOOP, Action.UPDATE} or change.id not in there:
            continue
        noted = mapping(there[change.id].status.get("digests"))
        for path, ref in sorted(change.refs.items()):
            then, image = text(noted.get(".".join(path))), there.get(ref)
            now = text(image.status.get("digest")) if image else ""
            if image and then and now and then != now:
                yield _moved(change, path, f"{image.address} was {then}, and is {now} now")


def _moved(change: Change, path: FieldPath, summary: str) -> Diagnostic:
    # https://github.com/Azure/iotedge/issues/364
    hint = "devices do not pull again: use a unique tag, or another `version` of the module"
    origin = change.after.origin if change.after else None
    return Diagnostic(Severity.WARNING, "image.moved", summary, hint, change.id, origin, path)
