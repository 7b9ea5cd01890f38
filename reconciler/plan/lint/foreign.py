"""Deployments that are not ours, and that outrank ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from reconciler.edge.place import in_spec
from reconciler.model import Diagnostic
from reconciler.plan.lint.stack import Overlap, Scene, called, devices, overlaps, warning, whose


def foreign_lints(found: Scene) -> Iterator[Diagnostic]:
    yield from _bases(found)
    yield from _layers(found)


def _bases(found: Scene) -> Iterator[Diagnostic]:
    """Bases that win over ours: what is ours does not reach these devices."""
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for stack in found.stacks:
        base = stack.manifest.base
        for each in stack.idle if base and not found.ours(base) else ():
            if each.origin and not each.layered.is_layer:
                counts[each.layered.id, base] += stack.devices
    for (ours, theirs), count in counts.items():
        other = found.deployed[theirs]
        priority = other.layered.priority
        summary = (
            f"{theirs} ({whose(other)}, priority {priority}) wins on {count} of its"
            f" {devices(found.matched[ours])}, which will not get this one"
        )
        hint = f"raise it above {priority}, or have {theirs} taken off these devices"
        about = found.deployed[ours]
        yield warning(about, ("priority",), "foreign.base", summary, hint)


def _layers(found: Scene) -> Iterator[Diagnostic]:
    """Layers that replace what ours say."""
    counts: defaultdict[Overlap, int] = defaultdict(int)
    for each in found.manifests:
        for case in overlaps(each.manifest):
            if found.ours(case.low) and not found.ours(case.high):
                counts[case] += each.devices
    for case, count in counts.items():
        other, what = found.deployed[case.high], called(case.section, case.path)
        priority = other.layered.priority
        who = f"{case.high} ({whose(other)}, priority {priority})"
        summary = f"{who} replaces {what} on {devices(count)}"
        hint = f"have it taken out of {case.high}, or set it in a layer of ours above {priority}"
        place = in_spec(case.section, case.path)
        yield warning(found.deployed[case.low], place, "foreign.layer", summary, hint)
