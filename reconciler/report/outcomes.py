"""What became of each change of a run, as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from reconciler.plan import Outcome, Result
from reconciler.report.json import ACTIONS, Document


def results(outcomes: Iterable[Outcome]) -> Document:
    """What became of each change, in the order of the resources, and how many of each sort."""
    found = sorted(outcomes, key=lambda o: (o.change.id, o.change.action.value))
    counts = Counter(outcome.result.value for outcome in found)
    return {
        "results": tuple(_result(outcome) for outcome in found),
        "counts": {result.value: counts[result.value] for result in Result},
    }


def _result(outcome: Outcome) -> Document:
    return {
        "address": str(outcome.change.id),
        "generation": outcome.change.id.generation,
        "action": ACTIONS[outcome.change.action],
        "action_reason": outcome.change.reason.name.lower(),
        "result": outcome.result.value,
        "object": outcome.now.address if outcome.now else None,
        "detail": outcome.detail,
        "hint": outcome.remedy,
        "seconds": round(outcome.seconds, 3),
    }
