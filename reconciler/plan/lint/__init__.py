"""What is probably not meant, and what no document alone can show: it takes the devices.

Only what is said of our own deployments: nobody can act on others'. Everything is computed once
for each class of devices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.edge.condition import Field
from reconciler.model import Diagnostic
from reconciler.plan.deployed import Course, Fate
from reconciler.plan.lint.conditions import condition_lints
from reconciler.plan.lint.foreign import foreign_lints
from reconciler.plan.lint.layers import layer_lints
from reconciler.plan.lint.merged import merged_lints
from reconciler.plan.lint.stack import scene

__all__ = ["lints"]


def lints(
    way: Course, fates: Iterable[Fate], seen: Mapping[Field, Mapping[str, int]]
) -> Iterator[Diagnostic]:
    """Everything about what stands afterwards, once however many devices it is about."""
    found = tuple(fates)
    after = scene(way.after, found)
    yield from condition_lints(way, found, seen)
    yield from layer_lints(after)
    yield from foreign_lints(after)
    yield from merged_lints(after)
