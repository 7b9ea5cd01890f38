"""Target conditions that select other devices than somebody meant.

They are said where the condition is written, once for all deployments that go by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.edge.condition import (
    Compare,
    Condition,
    EveryDevice,
    Field,
    comparisons,
    fields,
    path_text,
)
from reconciler.edge.twin import type_of
from reconciler.model import Diagnostic, FieldPath, Resource, Severity
from reconciler.plan.deployed import Course, Deployed, Fate
from reconciler.plan.lint.stack import devices

HANDFUL = 10
"""Where there are fewer devices, all of them is no surprise."""
FAR_MORE, MANY_MORE = 2, 10
"""How many times as many devices, and how many more, are far more than before."""
CONDITION: FieldPath = ("targetCondition",)
_NOUNS = {"number": "a number", "object": "an object", "true or false": "true or false"}

_Seen: TypeAlias = Mapping[Field, Mapping[str, int]]
_Asked: TypeAlias = Mapping[Field, Mapping[str, Compare]]
"""By field and type, the first comparison that asks for it."""


@dataclass(slots=True)
class _Wanted:
    """One condition, and the deployments that go by it."""

    condition: Condition
    group: Resource | None
    deployed: list[Deployed] = field(default_factory=list)
    places: set[int] = field(default_factory=set)

    @property
    def listed(self) -> bool:
        """Whether the group names its devices."""
        return self.group is not None and "devices" in self.group.spec

    @property
    def names(self) -> str:
        return ", ".join(sorted(str(each.id) for each in self.deployed))

    def warning(self, code: str, summary: str, hint: str, at: FieldPath = CONDITION) -> Diagnostic:
        first = self.deployed[0]
        subject, origin = first.id, first.origin
        if self.group:
            subject, origin = self.group.id, self.group.origin
        return Diagnostic(Severity.WARNING, code, summary, hint, subject, origin, at)


def condition_lints(way: Course, fates: Sequence[Fate], seen: _Seen) -> Iterator[Diagnostic]:
    total = sum(fate.devices for fate in fates)
    for wanted in _by_condition(way):
        matched = sum(fate.devices for fate in fates if wanted.places & fate.after)
        asked = _asked(wanted.condition)
        yield from _other_types(wanted, asked, seen)
        if not matched and not any(_is_blind(seen.get(f, {}), asked[f]) for f in asked):
            yield _nobody(wanted, seen)
        if matched == total >= HANDFUL and not _is_meant(wanted, way, fates):
            summary = f"it matches all {total} devices: each gets {wanted.names}"
            hint = "add allowAll: true to the group if that is meant"
            yield wanted.warning("device.everybody", summary, hint)
        yield from _growth(wanted, way, fates)


def _by_condition(way: Course) -> Iterator[_Wanted]:
    found: dict[tuple[object, Condition], _Wanted] = {}
    for place, each in enumerate(way.after):
        if each.origin is None or each.condition is None:
            continue
        group = way.groups.get(each.group) if each.group else None
        key = (each.group or each.id, each.condition)
        wanted = found.setdefault(key, _Wanted(each.condition, group))
        wanted.deployed.append(each)
        wanted.places.add(place)
    yield from found.values()


def _nobody(wanted: _Wanted, seen: _Seen) -> Diagnostic:
    summary = f"it matches no device: nobody gets {wanted.names}"
    missing = [f for f in dict.fromkeys(fields(wanted.condition)) if not seen.get(f)]
    if wanted.listed:
        hint = "none of its devices is registered with IoT Edge: compare the ids, case and all"
        return wanted.warning("device.nobody", summary, hint, ("devices",))
    if missing:
        named = " or ".join(path_text(each.path) for each in missing)
        hint = f"no device has {named}: look for a typo"
        return wanted.warning("device.nobody", summary, hint, _at(missing[0]))
    looked = list(dict.fromkeys(fields(wanted.condition)))
    named = " and ".join(path_text(each.path) for each in looked)
    hint = f"devices have {named}, and none has what is asked for: look for a typo"
    return wanted.warning("device.nobody", summary, hint, _at(looked[0]) if looked else CONDITION)


def _asked(condition: Condition) -> _Asked:
    found: defaultdict[Field, dict[str, Compare]] = defaultdict(dict)
    for each in comparisons(condition):
        found[each.field].setdefault(type_of(each.value), each)
    return found


def _is_blind(held: Mapping[str, int], asked: Mapping[str, Compare]) -> bool:
    """Whether no device holds a value of any type that is asked for."""
    return bool(held) and not held.keys() & asked.keys()


def _other_types(wanted: _Wanted, asked: _Asked, seen: _Seen) -> Iterator[Diagnostic]:
    """Where devices hold another type than the condition asks for: '9' is not 9."""
    for looked, by_type in asked.items():
        held = seen.get(looked, {})
        others = {kind: held[kind] for kind in sorted(held) if kind not in by_type}
        if others:
            yield _other_type(wanted, next(iter(by_type.values())), held, others)


def _other_type(
    wanted: _Wanted, first: Compare, held: Mapping[str, int], others: Mapping[str, int]
) -> Diagnostic:
    said = " and ".join(f"{devices(n)} {_hold(n)} {_noun(kind)}" for kind, n in others.items())
    asked = _noun(type_of(first.value))
    summary = f"it asks for {asked} in {path_text(first.field.path)}, where {said}"
    if type_of(first.value) in held:
        hint = "they never match: give them a tag of the type that the others have"
    else:
        hint = f"none can match: {_spelling(first, others)}"
    return wanted.warning("condition.type", summary, hint, _at(first.field))


def _spelling(asked: Compare, held: Collection[str]) -> str:
    """What to write instead."""
    value = asked.value
    if isinstance(value, str) and "number" in held and _is_number(value):
        return f"write {value} without quotes"
    if isinstance(value, str) and "true or false" in held and value in {"true", "false"}:
        return f"write {value} without quotes"
    if not isinstance(value, str) and "text" in held:
        return f"write '{str(value).lower()}' in quotes"
    return f"ask for {' or '.join(_noun(kind) for kind in held)}"


def _is_number(value: str) -> bool:
    return value.removeprefix("-").replace(".", "", 1).isdecimal()


def _hold(count: int) -> str:
    return "holds" if count == 1 else "hold"


def _noun(kind: str) -> str:
    return _NOUNS.get(kind, kind)


def _at(looked: Field) -> FieldPath:
    """The tag in `matchTags`; a condition that is written out is found all the same."""
    match looked.path:
        case ("tags", *keys):
            return ("matchTags", ".".join(keys))
        case _:
            return CONDITION


def _is_meant(wanted: _Wanted, way: Course, fates: Sequence[Fate]) -> bool:
    """A base for everybody is what bases are for, as long as there is no other."""
    said = wanted.group is not None and wanted.group.spec.get("allowAll") is True
    if said or wanted.listed or isinstance(wanted.condition, EveryDevice):
        return True
    used = {place for fate in fates for place in fate.after}
    bases = {place for place in used if not way.after[place].layered.is_layer}
    return bases == wanted.places


def _growth(wanted: _Wanted, way: Course, fates: Sequence[Fate]) -> Iterator[Diagnostic]:
    """A condition that selects far more devices than what is live does."""
    if wanted.listed:
        return
    for each in wanted.deployed:
        lineage = each.id.lineage
        old = {at for at, found in enumerate(way.before) if found.id.lineage == lineage}
        new = {at for at, found in enumerate(way.after) if found.id.lineage == lineage}
        was = sum(fate.devices for fate in fates if old & fate.before)
        will = sum(fate.devices for fate in fates if new & fate.after)
        if old and will > FAR_MORE * was and will - was >= MANY_MORE:
            summary = f"it matches {will} devices, and {each.id} is for {was} today"
            hint = "look for an OR without parentheses, or a term that is gone"
            yield wanted.warning("condition.grows", summary, hint)
