"""What is probably not meant, and what no document alone can show: it takes the devices.

Only what is said of our own deployments: nobody can act on others'.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from reconciler.edge.condition import AllOf, AnyOf, Compare, Condition, Field, Not, path_text
from reconciler.edge.layering import Effective, Layered, effective
from reconciler.edge.render import AGENT
from reconciler.edge.size import HEADROOM, SECTION_BYTES, twin_size
from reconciler.model import Diagnostic, Severity
from reconciler.plan.deployed import Course, Deployed, Fate


@dataclass(frozen=True, slots=True)
class _Stack:
    """What a number of devices will have of deployments."""

    devices: int
    deployed: tuple[Deployed, ...]
    manifest: Effective


def lints(
    way: Course, fates: Iterable[Fate], seen: Mapping[Field, frozenset[str]]
) -> Iterator[Diagnostic]:
    """Everything about what stands afterwards, once however many devices it is about."""
    stacks = list(_stacks(way.after, fates))
    yield from _unused(way.after, stacks, seen)
    yield from _below_base(stacks)
    yield from _ties(stacks)
    yield from _same_path(stacks)
    yield from _sizes(stacks)


def _stacks(after: Sequence[Deployed], fates: Iterable[Fate]) -> Iterator[_Stack]:
    counts: defaultdict[frozenset[int], int] = defaultdict(int)
    for fate in fates:
        counts[fate.after] += fate.devices
    for places in sorted(counts, key=sorted):
        found = tuple(after[at] for at in sorted(places))
        yield _Stack(counts[places], found, effective(each.layered for each in found))


def _unused(
    after: Sequence[Deployed], stacks: Sequence[_Stack], seen: Mapping[Field, frozenset[str]]
) -> Iterator[Diagnostic]:
    """Deployments that match no device, or that no device gets although it matches."""
    matched = {each.id for stack in stacks for each in stack.deployed}
    applied = {id_ for stack in stacks for id_ in stack.manifest.applied}
    for each in after:
        if each.origin is None or each.condition is None:
            continue
        if each.id not in matched:
            hint = next(_mismatches(each.condition, seen), "look for a typo in a tag or a value")
            yield _warning(each, "device.nobody", "its condition matches no device", hint)
        elif each.layered.id not in applied:
            summary = "it matches devices, and none of them gets it"
            hint = "a layer needs a base below it; of the bases the one with the top priority wins"
            yield _warning(each, "device.shadowed", summary, hint)


def _mismatches(condition: Condition, seen: Mapping[Field, frozenset[str]]) -> Iterator[str]:
    """Where devices hold another type than the condition asks for: '9' is not 9."""
    match condition:
        case Compare(field, _, value):
            wanted = _type(value)
            held = seen.get(field, frozenset())
            if held and wanted not in held:
                told = " and ".join(sorted(held))
                yield f"it asks for {wanted} in {path_text(field.path)}, where devices hold {told}"
        case Not(term):
            yield from _mismatches(term, seen)
        case AllOf(terms) | AnyOf(terms):
            for term in terms:
                yield from _mismatches(term, seen)
        case _:
            return


def _type(value: float | str) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "text" if isinstance(value, str) else "number"


def _below_base(stacks: Iterable[_Stack]) -> Iterator[Diagnostic]:
    """Layers that are not above the base: the hub says nothing and leaves them out."""
    found: defaultdict[tuple[int, int], list[tuple[Deployed, Deployed, int]]] = defaultdict(list)
    for stack in stacks:
        by_id = {each.layered.id: each for each in stack.deployed}
        base = by_id.get(stack.manifest.base)
        for each in stack.deployed if base else ():
            if base and each.origin and _ignored(each.layered, base.layered):
                found[id(each), id(base)].append((each, base, stack.devices))
    for cases in found.values():
        layer, base, _ = cases[0]
        count = sum(devices for _, _, devices in cases)
        summary = (
            f"its priority {layer.layered.priority} is not above {base.layered.priority} of"
            f" {base.id}: {count} devices do not get it"
        )
        hint = f"raise it above {base.layered.priority}"
        yield _warning(layer, "layer.priority", summary, hint)


def _ignored(layer: Layered, base: Layered) -> bool:
    return layer.is_layer and layer.priority <= base.priority


def _ties(stacks: Iterable[_Stack]) -> Iterator[Diagnostic]:
    """Equal priorities on one device (https://github.com/Azure/iotedge/issues/6685)."""
    counts: defaultdict[tuple[int, int], int] = defaultdict(int)
    pairs: dict[tuple[int, int], tuple[Deployed, Deployed]] = {}
    for stack in stacks:
        for one, two in combinations(stack.deployed, 2):
            same = one.layered.is_layer is two.layered.is_layer
            if same and one.layered.priority == two.layered.priority:
                counts[id(one), id(two)] += stack.devices
                pairs[id(one), id(two)] = one, two
    for key, (one, two) in pairs.items():
        ours, other = (one, two) if one.origin else (two, one)
        if ours.origin:
            summary = (
                f"{other.id} has the same priority {ours.layered.priority} on {counts[key]} devices"
            )
            yield _warning(ours, "device.tie", summary, "give each its own priority")


def _same_path(stacks: Iterable[_Stack]) -> Iterator[Diagnostic]:
    """Two layers that set one path: the higher one wins, and the lower one does not show it."""
    told = set()
    for stack in stacks:
        by_id = {each.layered.id: each for each in stack.deployed}
        for name, section in stack.manifest.sections.items():
            layers = [write for write in section.writes if write.by != stack.manifest.base]
            for low, high in combinations(layers, 2):
                winner, loser = by_id[high.by], by_id[low.by]
                case = (winner.id, loser.id, name, low.path)
                if low.by == high.by or low.path != high.path or case in told:
                    continue
                told.add(case)
                path = ".".join((name, *low.path))
                summary = f"{path} is set by {loser.id}, too, and this one wins"
                if winner.origin:
                    yield _warning(winner, "layer.overlap", summary, "set it in one of the two")


def _sizes(stacks: Iterable[_Stack]) -> Iterator[Diagnostic]:
    """Each deployment may be small and what they become together too large
    (https://github.com/Azure/iotedge/issues/7035)."""
    told = set()
    for stack in stacks:
        by_id = {each.layered.id: each for each in stack.deployed}
        for name, section in stack.manifest.sections.items():
            size = twin_size(section.document)
            last = by_id[section.writes[-1].by]
            limit = int(SECTION_BYTES * HEADROOM) if name == AGENT else SECTION_BYTES
            if size <= limit or (last.id, name) in told or last.origin is None:
                continue
            told.add((last.id, name))
            over = size > SECTION_BYTES
            stands = " + ".join(stack.manifest.applied)
            summary = f"{name} of {stands} has {size} bytes together, a twin holds {SECTION_BYTES}"
            hint = "what the device reports repeats it: leave room, or split the devices"
            severity = Severity.ERROR if over else Severity.WARNING
            yield Diagnostic(severity, "twin.merged", summary, hint, last.id, last.origin)


def _warning(about: Deployed, code: str, summary: str, hint: str) -> Diagnostic:
    return Diagnostic(Severity.WARNING, code, summary, hint, about.id, about.origin)
