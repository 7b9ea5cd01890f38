"""What is ours and has lost its mark: known again by its id and its content.

Labels can be removed in the portal. What lost them looks like somebody else's, so it must not be
deleted; and as it is what git asks for, it must not be made once more either.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from reconciler.diff import Action, Change, Reason, differences
from reconciler.model import Diagnostic, Kinds, Observed, Resource, ResourceId, Severity
from reconciler.plan.preview import document

DIGITS = re.compile(r"[0-9a-f]{8}(-r[2-9])?")


def reclaimed(
    changes: Collection[Change],
    desired: Mapping[ResourceId, Resource],
    kinds: Kinds,
    adopt: Collection[str],
) -> tuple[Change, ...]:
    """The changes, in which a creation of what stands there without its mark is none.

    Where `adopt` names it (KIND/NAME, globs), its mark is written back in place.
    """
    lost = {c.before.address: c for c in changes if c.before and _is_stray(c)}
    quiet = {Action.NOOP, Action.UPDATE}
    there = {c.id: c.before for c in changes if c.before and c.action in quiet}
    found: dict[ResourceId, Observed] = {}
    for change in changes:
        if change.reason is Reason.MISSING and change.after and lost:
            have = _lost(change.after, lost, kinds)
            kind = kinds[change.id.kind]
            wanted = document(change.after, desired, there, kinds) if have else {}
            if have and kind.same(wanted, have.content):
                found[change.id] = have
    taken = {have.id for have in found.values()}
    return tuple(
        _known_again(c, found[c.id], kinds, adopt) if c.id in found else c
        for c in changes
        if c.id not in taken
    )


def strays(changes: Collection[Change], kinds: Kinds) -> Iterator[Diagnostic]:
    """What must be said of everything that looks like ours and carries no mark."""
    for change in changes:
        if change.reason is Reason.STRIPPED and change.after:
            yield Diagnostic(
                Severity.WARNING,
                "labels.stripped",
                change.reason.value,
                f"--adopt {change.id} writes them back, in place",
                change.id,
                change.after.origin,
            )
    names = {c.id.lineage: c.after for c in changes if c.after and c.id.generation}
    for change in changes:
        if change.before and _is_stray(change):
            for want in names.values():
                if _resembles(change.before.address, want, kinds):
                    yield Diagnostic(
                        Severity.WARNING,
                        "labels.lost",
                        f"{change.before.address} looks like an older one whose labels were removed"
                        " by hand; it is left alone",
                        "delete it by hand if nobody needs it",
                        want.id.lineage,
                        want.origin,
                    )


def _is_stray(change: Change) -> bool:
    return change.reason is Reason.FOREIGN and bool(change.before and change.before.marker is None)


def _lost(want: Resource, strays: Mapping[str, Change], kinds: Kinds) -> Observed | None:
    for address in kinds[want.id.kind].addresses(want.id):
        if address in strays and strays[address].id.kind == want.id.kind:
            return strays[address].before
    return None


def _resembles(address: str, want: Resource, kinds: Kinds) -> bool:
    first = next(iter(kinds[want.id.kind].addresses(want.id)), "")
    prefix = first[:-8]
    return (
        bool(first)
        and address.startswith(prefix)
        and bool(DIGITS.fullmatch(address.removeprefix(prefix)))
    )


def _known_again(change: Change, have: Observed, kinds: Kinds, adopt: Collection[str]) -> Change:
    have = replace(have, id=change.id)
    if change.after and any(fnmatchcase(str(change.id), glob) for glob in adopt):
        fields = differences(have, change.after, kinds[change.id.kind])
        return replace(
            change, action=Action.UPDATE, reason=Reason.ADOPTED, before=have, fields=fields
        )
    return replace(change, action=Action.NOOP, reason=Reason.STRIPPED, before=have)
