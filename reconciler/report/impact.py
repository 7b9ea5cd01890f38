"""What a plan does to devices, for people and as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from reconciler.edge.effects import Effects
from reconciler.edge.layering import Effective
from reconciler.model import ResourceId, Spec, Value
from reconciler.plan.impact import EffectiveChange, Impact, Reach
from reconciler.report import words

TOTALS: Mapping[str, Callable[[Effects], Sequence[str]]] = {
    "restarts": lambda each: each.restarts,
    "appears": lambda each: each.appears,
    "vanishes": lambda each: each.vanishes,
    "switches": lambda each: each.switches,
    "twins": lambda each: each.twins,
    "pulls": lambda each: each.pulls,
}
SHOWN = 10
"""Manifests that are listed; a plan for many sites has hundreds, and JSON has them all."""


def devices(impact: Impact | None, change: ResourceId) -> str:
    """How many devices a change is for; empty where that is not known."""
    reach = _reach(impact, change)
    if impact is None or reach is None:
        return ""
    plural = "" if impact.of == 1 else "s"
    return f"{part(impact, change)} device{plural}{_offline(impact, reach)}"


def part(impact: Impact | None, change: ResourceId) -> str:
    """The same where it is clear that devices are counted."""
    reach = _reach(impact, change)
    return f"{reach.devices:,} of {impact.of:,}" if impact and reach else ""


def on_devices(impact: Impact | None, change: ResourceId) -> Iterator[str]:
    """One line about the modules of a change, if anything becomes of them."""
    reach = _reach(impact, change)
    if reach is not None:
        told = [
            *_became(reach.restarts, "restarts", "restart"),
            *_became(reach.appears, "appears", "appear"),
            *_became(reach.vanishes, "vanishes", "vanish"),
        ]
        if told:
            yield f"on the device: {'; '.join(told)}"
        got = [(reach.gains, "get it"), (reach.loses, "lose it")]
        some = [(count, what) for count, what in got if 0 < count < reach.devices]
        if some:
            yield "; ".join(f"{words.counted(count, 'device')} {what}" for count, what in some)


def section(impact: Impact | None) -> Iterator[str]:
    """The distinct manifests that devices go from and to."""
    if impact is None or not (impact.changes or impact.doubts):
        return
    if impact.changes:
        yield "On the devices:"
    for each in impact.changes[:SHOWN]:
        count = words.counted(each.devices, "device")
        off = _offline(impact, each)
        yield f"  {count}{off}, such as {words.plain(each.example)}: {_stack(each.after, each)}"
        yield from (f"    {line}" for line in effect_lines(each.effects))
    if left := impact.changes[SHOWN:]:
        others = sum(each.devices for each in left)
        yield f"  {words.counted(others, 'device')} with {len(left)} further manifests"
    if impact.without_base:
        yield (
            f"  {words.counted(impact.without_base, 'device')} left without a base:"
            " what runs there goes on, and nobody manages it"
        )
    if impact.changes:
        yield f"  In all: {_totals(impact)}."
    for doubt in impact.doubts:
        yield f"  These counts may be incomplete: {words.plain(doubt)}"
    yield ""


def share(impact: Impact | None) -> str:
    """For the summary: on how many devices anything changes."""
    if impact is None:
        return ""
    percent = 100 * impact.devices / impact.of if impact.of else 0
    off = _offline(impact, impact)
    return f"  Devices: {impact.devices:,} of {impact.of:,} ({percent:.1f} %){off}."


def of_change(impact: Impact, change: ResourceId) -> Value:
    """`impact` of one entry; null for what is no matter of devices."""
    reach = _reach(impact, change)
    if reach is None:
        return None
    return {
        "devices": reach.devices,
        "of": impact.of,
        "offline": reach.offline if impact.connected else None,
        "gains": reach.gains,
        "loses": reach.loses,
        "restarts": reach.restarts,
        "appears": reach.appears,
        "vanishes": reach.vanishes,
        "twins": reach.twins,
        "pulls": reach.pulls,
    }


def document(impact: Impact) -> dict[str, Value]:
    """The whole fleet: counts, and one entry for each pair of manifests."""
    return {
        "devices": {
            "changed": impact.devices,
            "of": impact.of,
            "offline": impact.offline if impact.connected else None,
            "without_base": impact.without_base,
            "gains": impact.gains,
            "loses": impact.loses,
            **{name: impact.total(of) for name, of in TOTALS.items()},
            "doubts": impact.doubts,
        },
        "effective_changes": tuple(_change(impact, each) for each in impact.changes),
    }


def _reach(impact: Impact | None, change: ResourceId) -> Reach | None:
    return impact.reach.get(change.lineage) if impact else None


def _stack(manifest: Effective, change: EffectiveChange) -> str:
    if change.loses_base:
        return "no base is left"
    return words.plain(" + ".join(manifest.applied))


def effect_lines(told: Effects) -> Iterator[str]:
    """What happens on a device, a line for each sort of thing."""
    yield from _became(told.appears, "appears", "appear")
    yield from _became(told.vanishes, "vanishes", "vanish")
    yield from _became(told.restarts, "restarts", "restart")
    yield from _became(told.switches, "is started or stopped", "are started or stopped")
    if told.untouched:
        yield f"{words.counted(len(told.untouched), 'module')} untouched"
    if told.twins:
        yield f"desired properties sent: {_names(told.twins)}"
    if told.pulls:
        yield f"images to pull: {_names(told.pulls)}"


def _became(names: tuple[str, ...], one: str, several: str) -> Iterator[str]:
    if names:
        yield f"{_names(names)} {several if names[1:] else one}"


def _names(names: tuple[str, ...]) -> str:
    return words.plain(", ".join(names))


def _offline(impact: Impact, of: Reach | EffectiveChange | Impact) -> str:
    """Nothing where the hub sees no device at all: then it is not told, rather than true."""
    return f" ({of.offline:,} offline now)" if of.offline and impact.connected else ""


def _totals(impact: Impact) -> str:
    """Of all devices together: how often each sort of thing happens."""
    said = {
        "restarts": ("module restarts", "modules restart"),
        "appears": ("module appears", "modules appear"),
        "vanishes": ("module vanishes", "modules vanish"),
        "switches": ("module is started or stopped", "modules are started or stopped"),
        "twins": ("twin is sent", "twins are sent"),
        "pulls": ("image is pulled", "images are pulled"),
    }
    counts = {name: impact.total(TOTALS[name]) for name in said}
    told = [f"{n:,} {said[name][n != 1]}" for name, n in counts.items() if n]
    return ", ".join(told) or "no module restarts, appears or vanishes"


def _change(impact: Impact, each: EffectiveChange) -> Spec:
    told = each.effects
    return {
        "devices": each.devices,
        "offline": each.offline if impact.connected else None,
        "example": each.example,
        "before": _applied(each.before),
        "after": _applied(each.after),
        "modules": {
            "appears": told.appears,
            "vanishes": told.vanishes,
            "restarts": told.restarts,
            "switches": told.switches,
            "untouched": told.untouched,
        },
        "twins": told.twins,
        "pulls": told.pulls,
        "fields": tuple(
            {"path": field.path, "before": field.before, "after": field.after}
            for field in each.fields
        ),
    }


def _applied(manifest: Effective) -> Spec:
    return {"base": manifest.base or None, "layers": manifest.layers if manifest.base else ()}
