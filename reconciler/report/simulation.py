"""What a device or a group of them runs and will run, for people and as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from reconciler.edge.layering import Effective
from reconciler.edge.place import in_spec
from reconciler.edge.provenance import Part
from reconciler.edge.render import AGENT, CREDENTIALS, HUB
from reconciler.edge.shape import at
from reconciler.model import FieldPath, Origin, Value
from reconciler.plan.deployed import Deployed
from reconciler.plan.simulation import GroupSimulation, Simulation
from reconciler.report import words
from reconciler.report.impact import effect_lines

Where: TypeAlias = Callable[[Origin, FieldPath], Origin]
"""Where in the document that starts at an origin a field stands."""

SHOWN = 10
"""Devices that are named of those that are not there."""
NOTHING = "nothing of ours or of others: no base deployment matches"


def text(found: Simulation, where: Where) -> str:
    """What runs, what will, and a line for each part of it."""
    return "\n".join([words.plain(found.device), *_body(found, where), ""])


def group_text(found: GroupSimulation, where: Where) -> str:
    """The same for each pair of manifests that devices of the group run and will run."""
    sorts = f", {len(found.alike)} different manifests" if len(found.alike) > 1 else ""
    devices = words.counted(found.of, "device")
    lines = [f"{words.plain(found.group)}: {found.devices:,} of {devices}{sorts}"]
    if found.unregistered:
        names = words.plain(", ".join(found.unregistered[:SHOWN]))
        others = len(found.unregistered) - SHOWN
        rest = f" and {others:,} more" if others > 0 else ""
        lines.append(f"  not registered, or without IoT Edge: {names}{rest}")
    for each in found.alike:
        examples = words.plain(", ".join(each.examples))
        more = ", ..." if each.devices > len(each.examples) else ""
        lines += ["", f"{words.counted(each.devices, 'device')}: {examples}{more}"]
        lines += _body(each.simulation, where)
    return "\n".join([*lines, ""])


def group_document(found: GroupSimulation, where: Where) -> dict[str, Value]:
    return {
        "group": found.group,
        "devices": found.devices,
        "of": found.of,
        "unregistered": found.unregistered,
        "manifests": tuple(
            {
                "devices": each.devices,
                "examples": each.examples,
                **_document(each.simulation, where),
            }
            for each in found.alike
        ),
    }


def document(found: Simulation, where: Where) -> dict[str, Value]:
    return {
        "device": found.device,
        "edge": found.edge,
        "registered": not found.new,
        **_document(found, where),
    }


def _body(found: Simulation, where: Where) -> Iterator[str]:
    now = "nothing: the plan registers it" if found.new else _stack(found, found.before)
    yield f"  runs now: {now}"
    yield f"  will run: {_stack(found, found.after)}"
    yield from (f"    {line}" for line in effect_lines(found.effects))
    if not found.edge:
        yield "  it has no IoT Edge: no deployment is for it"
    if found.after.idle:
        yield f"  matching, without effect: {words.plain(', '.join(found.after.idle))}"
    rows = [_row(part, by, where) for part, by in found.parts()]
    if rows:
        yield ""
    yield from words.columns(rows)


def _document(found: Simulation, where: Where) -> dict[str, Value]:
    return {
        "before": _applied(found.before),
        "after": {**_applied(found.after), "idle": found.after.idle},
        "manifest": dict(found.after.documents),
        "parts": tuple(_part(part, by, where) for part, by in found.parts()),
    }


def _applied(manifest: Effective) -> dict[str, Value]:
    return {"base": manifest.base or None, "layers": manifest.layers if manifest.base else ()}


def _stack(found: Simulation, manifest: Effective) -> str:
    if not manifest.base:
        return "what it runs now; no base is left" if manifest.sections else NOTHING
    named = (
        f"{words.plain(id_)} (priority {found.deployed[id_].layered.priority})"
        for id_ in manifest.applied
    )
    return " + ".join(named)


def _row(part: Part, by: Deployed | None, where: Where) -> tuple[str, ...]:
    over = f"over {', '.join(part.over)}" if part.over else ""
    return (
        f"  {_sort(part)}",
        words.plain(_name(part)),
        words.plain(str(at(part.value, "settings", "image") or "")),
        words.plain(_place(part, by, where)),
        words.plain(over),
    )


def _part(part: Part, by: Deployed | None, where: Where) -> dict[str, Value]:
    return {
        "section": part.section,
        "path": part.path,
        "by": part.by,
        "over": part.over,
        "place": _place(part, by, where),
    }


def _place(part: Part, by: Deployed | None, where: Where) -> str:
    """File and line where it is written; else the deployment on the hub."""
    if by is None or by.origin is None:
        return part.by
    return str(where(by.origin, in_spec(part.section, part.path)))


def _sort(part: Part) -> str:
    match part.section, part.path:
        case (section, ("modules" | "systemModules", *_)) if section == AGENT:
            return "module"
        case (section, path) if section == AGENT and path[: len(CREDENTIALS)] == CREDENTIALS:
            return "credential"
        case (section, ("routes", *_)) if section == HUB:
            return "route"
        case (section, _) if section in {AGENT, HUB}:
            return "setting"
        case _:
            return "twin"


def _name(part: Part) -> str:
    return ".".join(_names(part))


def _names(part: Part) -> Iterator[str]:
    match _sort(part):
        case "module" | "credential" | "route":
            yield part.path[-1]
        case _:
            yield from (part.section, *part.path)
