"""Room in an order of priorities, so that a replacement can stand above what it replaces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.digest import canonical
from reconciler.model.kind import Kinds
from reconciler.model.resource import Resource

APART = 2


def crowded(drafts: Iterable[Resource], kinds: Kinds) -> Iterator[Diagnostic]:
    """Everything that stands less than `APART` above another of its kind and company."""
    companies: defaultdict[tuple[str, str], list[tuple[int, Resource]]] = defaultdict(list)
    for draft in drafts:
        if place := kinds[draft.id.kind].spacing(draft.spec):
            companies[draft.id.kind, canonical(place[0])].append((place[1], draft))
    for company in companies.values():
        company.sort(key=lambda member: (member[0], member[1].id))
        for (low, lower), (high, higher) in pairwise(company):
            if high - low < APART:
                yield Diagnostic(
                    Severity.ERROR,
                    "priority.crowded",
                    f"priority {high} is too close to {low} of {lower.id}, for the same devices",
                    f"keep at least {APART} between them: a replacement needs the place between",
                    higher.id,
                    higher.origin,
                    ("priority",),
                )
