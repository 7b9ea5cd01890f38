"""Deployments that match devices and do not get there, and layers that are in each other's way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from reconciler.edge.layering import Layered
from reconciler.edge.place import in_spec
from reconciler.model import Diagnostic
from reconciler.plan.deployed import Deployed
from reconciler.plan.lint.stack import Overlap, Scene, called, devices, named, overlaps, warning

PRIORITY = ("priority",)


def layer_lints(found: Scene) -> Iterator[Diagnostic]:
    yield from _beaten(found)
    yield from _without_base(found)
    yield from _below_base(found)
    yield from _ties(found)
    yield from _same_path(found)


def _beaten(found: Scene) -> Iterator[Diagnostic]:
    """Bases that match devices, and that no device gets; foreign winners are another's matter."""
    applied = {manifest.manifest.base for manifest in found.manifests}
    winners: defaultdict[str, set[str]] = defaultdict(set)
    for stack in found.stacks:
        for each in stack.idle:
            if each.origin and not each.layered.is_layer:
                winners[each.layered.id].add(stack.manifest.base)
    for id_, by in winners.items():
        if id_ in applied or not all(found.ours(winner) for winner in by):
            continue
        each, count = found.deployed[id_], found.matched[id_]
        listed = ", ".join(sorted(_with_priority(found.deployed[winner]) for winner in by))
        summary = f"it matches {devices(count)}, and none gets it: {listed} wins there"
        hint = f"the highest priority wins: raise {each.layered.priority}, or remove this one"
        yield warning(each, PRIORITY, "device.shadowed", summary, hint)


def _without_base(found: Scene) -> Iterator[Diagnostic]:
    """A layer alone does nothing."""
    bare: defaultdict[str, int] = defaultdict(int)
    for stack in found.stacks:
        for each in stack.deployed if not stack.manifest.base else ():
            if each.origin and each.layered.is_layer:
                bare[each.layered.id] += stack.devices
    for id_, count in bare.items():
        verb = "has" if count == 1 else "have"
        total = devices(found.matched[id_])
        summary = f"{count} of its {total} {verb} no base, and a layer alone does nothing"
        hint = "add a base whose group holds these devices, too"
        yield warning(found.deployed[id_], ("group",), "layer.no-base", summary, hint)


def _below_base(found: Scene) -> Iterator[Diagnostic]:
    """Layers that are not above the base: the hub says nothing and leaves them out."""
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for stack in found.stacks:
        for each in stack.idle if stack.manifest.base else ():
            if each.origin and each.layered.is_layer:
                counts[each.layered.id, stack.manifest.base] += stack.devices
    for (low, base), count in counts.items():
        layer, under = found.deployed[low], found.deployed[base]
        summary = (
            f"its priority {layer.layered.priority} is not above {under.layered.priority} of"
            f" {named(under)}, so {count} of its {devices(found.matched[low])} will not get it"
        )
        hint = f"raise it above {under.layered.priority}"
        yield warning(layer, PRIORITY, "layer.priority", summary, hint)


def _ties(found: Scene) -> Iterator[Diagnostic]:
    """Equal priorities on one device (https://github.com/Azure/iotedge/issues/6685)."""
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for stack in found.stacks:
        for one, two in combinations(stack.deployed, 2):
            if _tied(one.layered, two.layered):
                counts[one.layered.id, two.layered.id] += stack.devices
    for (first, second), count in counts.items():
        pair = found.deployed[first], found.deployed[second]
        ours, other = pair if pair[0].origin else pair[::-1]
        if ours.origin:
            priority = ours.layered.priority
            summary = f"{named(other)} has the same priority {priority} on {devices(count)}"
            hint = "give each its own priority: which one wins changes with every replacement"
            yield warning(ours, PRIORITY, "device.tie", summary, hint)


def _tied(one: Layered, two: Layered) -> bool:
    return one.is_layer is two.is_layer and one.priority == two.priority


def _same_path(found: Scene) -> Iterator[Diagnostic]:
    """Two layers that set one path: the higher one wins, and the lower one does not show it."""
    counts: defaultdict[Overlap, int] = defaultdict(int)
    for each in found.manifests:
        for case in overlaps(each.manifest):
            if each.manifest.base != case.low and found.ours(case.high):
                counts[case] += each.devices
    for case, count in counts.items():
        what, other = called(case.section, case.path), named(found.deployed[case.low])
        summary = f"{what} is set by {other}, too, and this one wins on {devices(count)}"
        hint = "set it in one of the two"
        place = in_spec(case.section, case.path)
        yield warning(found.deployed[case.high], place, "layer.overlap", summary, hint)


def _with_priority(deployed: Deployed) -> str:
    return f"{named(deployed)} (priority {deployed.layered.priority})"
