"""From resources as they were written to resources that know their generations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter

from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.digest import digest
from reconciler.model.kind import FieldRule, Kind, Kinds
from reconciler.model.resource import FieldPath, Resource, ResourceId, Value, replaced
from reconciler.model.state import Commit, DesiredState, Scope

HINTS = 10
"""Missing names for which a similar one is looked for: in a large fleet that takes its time."""


def link(commit: Commit, drafts: Iterable[Resource], kinds: Kinds, scope: Scope) -> DesiredState:
    """Give every resource its generation.

    `drafts` are normalized, know their references by lineage and passed `unlinkable`.
    Generations form a Merkle tree: a generation is the digest of the CONTENT fields, in which
    each reference stands as that resource's own generation, so that it is known before anything
    is built. A resource without generations is stood for by what its kind says, so that what
    refers to it in place is seen to differ when that changes.
    """
    by_id = {draft.id: draft for draft in drafts}
    linked: dict[ResourceId, Resource] = {}
    for lineage in _graph(by_id).static_order():
        linked[lineage] = _linked(by_id[lineage], linked, kinds, scope)
    return DesiredState.of(commit, (linked[lineage] for lineage in sorted(linked)))


def unlinkable(drafts: Collection[Resource]) -> tuple[Diagnostic, ...]:
    """Everything that keeps these drafts from being linked: repeated, missing, in a circle."""
    by_id = {draft.id: draft for draft in drafts}
    return (*_repeated(drafts), *_missing(by_id), *_cycles(by_id))


def _linked(
    draft: Resource, linked: Mapping[ResourceId, Resource], kinds: Kinds, scope: Scope
) -> Resource:
    kind = kinds[draft.id.kind]
    targets = {path: linked[target] for path, target in draft.refs.items()}
    stand_ins = {path: _stand_in(target, kinds) for path, target in targets.items()}
    spec = replaced(draft.spec, stand_ins)
    return Resource(
        replace(draft.id, generation=_generation(draft.id.name, spec, kind, scope)),
        spec,
        {path: target.id for path, target in targets.items()},
        draft.origin,
    )


def _generation(name: str, spec: Value, kind: Kind, scope: Scope) -> str:
    if not kind.has_generations:
        return ""
    holder = (scope.owner, scope.environment) if kind.scoped else ()
    return digest((kind.name, name, holder, tuple(_content(spec, (), kind))))


def _stand_in(target: Resource, kinds: Kinds) -> Value:
    if target.id.generation:
        return f"{target.id}@{target.id.generation}"
    stand_in = kinds[target.id.kind].stand_in
    return stand_in(target.spec) if stand_in else f"{target.id}#{digest(target.spec)}"


def _content(value: Value, path: FieldPath, kind: Kind) -> Iterator[Value]:
    if isinstance(value, Mapping) and value:
        for key in sorted(value):
            yield from _content(value[key], (*path, key), kind)
    elif kind.rule(path) is FieldRule.CONTENT:
        yield (path, value)


def _repeated(drafts: Collection[Resource]) -> Iterator[Diagnostic]:
    first: dict[ResourceId, Resource] = {}
    for draft in drafts:
        if (other := first.setdefault(draft.id, draft)) is not draft:
            summary = f"is written twice, first at {other.origin}"
            yield _error("id.repeated", draft, summary, "remove or rename one of the two")


def _missing(drafts: Mapping[ResourceId, Resource]) -> Iterator[Diagnostic]:
    hints: dict[ResourceId, str] = {}
    for draft in drafts.values():
        for path, target in draft.refs.items():
            if target in drafts:
                continue
            if target not in hints:
                hints[target] = _similar(target, drafts) if len(hints) < HINTS else ""
            hint = hints[target] or "add it, or remove the reference"
            summary = f'{target.kind} "{target.name}" is not in this fleet'
            yield replace(_error("ref.missing", draft, summary, hint), path=path)


def _similar(target: ResourceId, drafts: Iterable[ResourceId]) -> str:
    names = [other.name for other in drafts if other.kind == target.kind]
    close = " or ".join(f'"{name}"' for name in get_close_matches(target.name, names))
    return f"did you mean {close}?" if close else ""


def _cycles(drafts: Mapping[ResourceId, Resource]) -> Iterator[Diagnostic]:
    try:
        _graph(drafts).prepare()
    except CycleError as error:
        loop: list[ResourceId] = error.args[1]
        summary = f"refers to itself: {' -> '.join(str(lineage) for lineage in loop)}"
        yield _error("ref.cycle", drafts[loop[0]], summary, "remove a reference of that loop")


def _graph(drafts: Mapping[ResourceId, Resource]) -> TopologicalSorter[ResourceId]:
    return TopologicalSorter(
        {draft.id: [t for t in draft.refs.values() if t in drafts] for draft in drafts.values()}
    )


def _error(code: str, subject: Resource, summary: str, hint: str) -> Diagnostic:
    return Diagnostic(Severity.ERROR, code, summary, hint, subject.id, subject.origin)
