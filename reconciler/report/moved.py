"""What moved between a plan that was saved and the same plan made again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.diff.content import content_changes
from reconciler.model import Spec, mapping, sequence, text
from reconciler.report import words
from reconciler.report.evidence import weighed

FIELDS = 10
"""How many fields of one object are told."""
SHORT = 12


def moved(saved: tuple[Spec, ...], fresh: tuple[Spec, ...]) -> tuple[str, ...]:
    """Lines about each object that is not as it was; none where the saved plan still stands.

    Both are the `resource_changes` of a plan. Metrics, ETags and the order of waves are no
    matter: what is there and what would be written are.
    """
    before, after = _by_address(saved), _by_address(fresh)
    return tuple(
        line
        for address in sorted({*before, *after})
        for line in _object(address, before.get(address), after.get(address))
    )


def _by_address(changes: tuple[Spec, ...]) -> Mapping[str, Spec]:
    return {f"{text(c['address'])} {text(c.get('generation'))[:11]}": c for c in changes}


def _object(key: str, saved: Spec | None, fresh: Spec | None) -> Iterator[str]:
    address = words.plain(key.partition(" ")[0])
    if saved is None and fresh is not None:
        yield f"{address}: {_actions(fresh)} is needed now, which was not planned"
    elif saved is not None and fresh is None:
        yield f"{address}: {_actions(saved)} was planned, and is not needed any more"
    elif saved is not None and fresh is not None:
        told = [*_evidence(saved, fresh), *_outcome(saved, fresh)]
        yield from (f"{address}: {line}" if not at else line for at, line in enumerate(told))


def _evidence(saved: Spec, fresh: Spec) -> Iterator[str]:
    """Presence, digest and ETag of what is there, the fields, and who was it."""
    steps = [tuple(map(mapping, sequence(side.get("steps")))) for side in (saved, fresh)]
    pairs = zip(*([mapping(s.get("precondition")) for s in side] for side in steps), strict=False)
    found = [(old, new) for old, new in pairs if weighed(old) != weighed(new)]
    if len(steps[0]) != len(steps[1]):
        yield f"{len(steps[0])} steps were planned, {len(steps[1])} are needed"
    for old, new in found:
        yield _precondition(old, new)
    if found:
        yield from _fields(_side(saved, "before"), _side(fresh, "before"))


def _precondition(old: Spec, new: Spec) -> str:
    if old.get("absent"):
        return f"it was not there, and is now ({words.plain(text(new.get('address')))})"
    if new.get("absent"):
        return f"{words.plain(text(old.get('address')))} was there, and is gone"
    parts = [
        f"{name} {words.plain(text(old.get(name))[:SHORT])} ->"
        f" {words.plain(text(new.get(name))[:SHORT])}"
        for name in ("address", "sha256", "etag")
        if old.get(name) != new.get(name)
    ]
    return f"it is not as it was ({', '.join(parts)}), {_by_whom(old, new)}"


def _by_whom(old: Spec, new: Spec) -> str:
    commit = text(new.get("commit"))
    if commit != text(old.get("commit")):
        return f"commit {words.plain(commit[:7])} was applied meanwhile"
    return "changed by hand or by another program"


def _outcome(saved: Spec, fresh: Spec) -> Iterator[str]:
    """What would be done, where that differs though what is there does not."""
    if _actions(saved) != _actions(fresh):
        yield f"{_actions(saved)} was planned, {_actions(fresh)} is needed"
    elif _side(saved, "after") != _side(fresh, "after"):
        yield "another content would be written than was planned"
        yield from _fields(_side(saved, "after"), _side(fresh, "after"))


def _fields(old: Spec, new: Spec) -> Iterator[str]:
    changes = content_changes(old, new)
    for change in changes[:FIELDS]:
        told = words.beside(*words.sides(change.before, change.after))
        yield f"    {words.dotted(change.path)}: {told}"
    if left := changes[FIELDS:]:
        yield f"    and {words.counted(len(left), 'further field')}"


def _side(change: Spec, side: str) -> Spec:
    return mapping(mapping(change.get("change")).get(side))


def _actions(change: Spec) -> str:
    actions = sequence(mapping(change.get("change")).get("actions"))
    return "a replacement" if len(actions) > 1 else f"to {text(actions[0])}"
