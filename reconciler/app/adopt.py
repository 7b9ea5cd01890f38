"""Taking over into git what somebody changed in the cloud: the right lines, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from reconciler.app.drift import Drift
from reconciler.app.fleet import Fleet, read_fleet
from reconciler.diff import Change, Reason
from reconciler.edge.read import read
from reconciler.model import (
    MASK,
    FieldPath,
    Origin,
    Resource,
    ResourceId,
    Spec,
    Value,
    mapping,
)
from reconciler.plan.drift import Finding
from reconciler.source.edit import Addition, Edit, EditError, document, edited

CONDITION: FieldPath = ("targetCondition",)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A file, as it was and as it should be."""

    path: str
    """In the repository."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement says."""

    until: str
    """The first day on which it does not hold any more, as `2026-12-31`."""
    reason: str
    paths: tuple[str, ...] = ()
    """Pointers to fields; none for the whole object."""


def adoption(fleet: Fleet, found: Drift, finding: Finding) -> Rewrite:
    """What to write so that git asks for what is live. Raises an EditError where that is not a
    matter of single fields.
    """
    draft = next((d for d in fleet.drafts if d.id == finding.id), None)
    edits = tuple(_edits(found, finding))
    if draft is None or not edits:
        raise EditError(f"{finding.id} has no field that could be taken over")
    moved = [edit for edit in edits if edit.path[1:] == CONDITION]
    if moved:
        draft = next(d for d in fleet.drafts if d.id == draft.refs.get(CONDITION))
        if len(moved) < len(edits) or CONDITION[0] not in _spec(fleet, draft):
            raise EditError(f"the condition comes from {draft.id}; change it by hand")
    return _rewrite(fleet, draft.origin, edits)


def agreement(fleet: Fleet, finding: Finding, terms: Terms) -> Rewrite:
    """What to write so that a resource is left alone until a day. Raises an EditError where that
    leaves alone nothing.
    """
    known = sorted(pointer(field.path) for field in finding.fields)
    if not known:
        raise EditError(f"{finding.id} has no field that could be left alone")
    if terms.paths and finding.reason is Reason.MISSING:
        raise EditError("its content is replaced as a whole, and left alone as a whole")
    for path in terms.paths:
        if not any(f"{name}/".startswith(f"{path}/") for name in known):
            raise EditError(f"{path} does not differ; what does: {', '.join(known)}")
    rule: Spec = {
        "match": {"kind": finding.id.kind, "name": finding.id.name},
        **({"paths": terms.paths} if terms.paths else {}),
        "until": terms.until,
        "reason": terms.reason,
    }
    return _rewrite(fleet, fleet.origin, [Addition(("spec", "ignore"), rule)])


def write(fleet: Fleet, rewrite: Rewrite) -> None:
    """Put it there; a file that makes the fleet invalid is put back as it was."""
    with fleet.tree.laid_out() as local, ExitStack() as back:
        path = local(rewrite.path)
        back.callback(path.write_bytes, rewrite.before.encode())
        path.write_bytes(rewrite.after.encode())
        if not read_fleet(fleet.root, fleet.root, fleet.scope.environment).valid:
            raise EditError(f"{rewrite.path} would not be valid any more; it is as it was")
        back.pop_all()


def _rewrite(fleet: Fleet, origin: Origin | None, edits: Sequence[Edit | Addition]) -> Rewrite:
    if origin is None:
        raise EditError("it is written in no file")
    before = fleet.tree.read(origin.path).decode()
    return Rewrite(origin.path, before, edited(before, origin.line, edits))


def _spec(fleet: Fleet, draft: Resource) -> Spec:
    """As it stands in its file."""
    if draft.origin is None:
        return {}
    before = fleet.tree.read(draft.origin.path).decode()
    return mapping(document(before, draft.origin.line).get("spec"))


def _edits(found: Drift, finding: Finding) -> Iterator[Edit]:
    """In the words of the document that git holds."""
    changes = found.plan.changes
    change = next((c for c in changes if c.after and c.id.lineage == finding.id), None)
    if change is None:  # only its labels are gone
        return
    old = next((c.before for c in changes if _gives_way(c, finding.id)), None)
    if change.reason is not Reason.MISSING:
        yield from (Edit(("spec", *field.path), field.live) for field in finding.fields)
    elif old:
        live, ours = (_asked(side) for side in (old.content, change.content))
        for edit in _differing(ours, live, ("spec",)):
            if edit.value == MASK:
                raise EditError("a secret was changed; change it where it is kept")
            yield edit


def pointer(path: FieldPath) -> str:
    """A path as a JSON Pointer, which is how an Environment names a field."""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in path)


def _gives_way(change: Change, lineage: ResourceId) -> bool:
    return change.reason is Reason.SUPERSEDED and change.id.lineage == lineage


def _asked(document: Spec) -> Spec:
    """What somebody would have written to get this document."""
    content = mapping(document.get("content")).get("modulesContent")
    around = {key: document.get(key) for key in ("targetCondition", "priority", "labels")}
    metrics = mapping(document.get("metrics")).get("queries")
    return {**read(content).spec, **around, "metrics": metrics}


def _differing(ours: Value, live: Value, path: FieldPath) -> Iterator[Edit]:
    if isinstance(ours, Mapping) and isinstance(live, Mapping):
        for key in sorted({*ours, *live}):
            yield from _differing(ours.get(key), live.get(key), (*path, key))
    elif (ours or None) != (live or None):
        yield Edit(path, live)
