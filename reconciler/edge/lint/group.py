"""What can be wrong with a target condition."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.edge.condition_text import ConditionError, parse
from reconciler.model import Fault, FieldPath


def condition_faults(path: FieldPath, condition: str) -> Iterator[Fault]:
    try:
        parse(condition)
    except ConditionError as error:
        summary = f"character {error.position} of the target condition: {error}"
        yield Fault(path, "condition.syntax", summary, error.hint)
