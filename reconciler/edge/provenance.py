"""Who put each part of a device's manifest there, and over whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.edge.layering import Effective, Section
from reconciler.edge.render import AGENT, CREDENTIALS, HUB
from reconciler.edge.shape import at
from reconciler.model import FieldPath, Spec, Value, mapping

_MAPS: Mapping[str, tuple[FieldPath, ...]] = {
    AGENT: (("modules",), ("systemModules",), CREDENTIALS),
    HUB: (("routes",),),
}
"""Where each entry counts as a part of its own."""


@dataclass(frozen=True, slots=True)
class Part:
    """A module, a route, a credential or a section of a twin, and where it came from."""

    section: str
    path: FieldPath
    value: Value
    by: str
    """The deployment that had the last word."""
    over: tuple[str, ...] = ()
    """Those that had set it before, the last one first."""


def parts(manifest: Effective) -> Iterator[Part]:
    """Every part, in order."""
    for name in sorted(manifest.sections):
        section = manifest.sections[name]
        for path in _paths(section.document, (), _MAPS.get(name, ())):
            givers = tuple(dict.fromkeys(_givers(section, path)))
            yield Part(name, path, at(section.document, *path), givers[0], givers[1:])


def giver(section: Section, path: FieldPath) -> str:
    """The deployment that had the last word at a path; empty if none set it."""
    return next(_givers(section, path), "")


def _paths(value: Spec, path: FieldPath, maps: tuple[FieldPath, ...]) -> Iterator[FieldPath]:
    for key in sorted(value):
        here = (*path, key)
        if any(known[: len(here)] == here for known in maps) and mapping(value[key]):
            yield from _paths(mapping(value[key]), here, maps)
        elif path == () or any(known == path for known in maps):
            yield here


def _givers(section: Section, path: FieldPath) -> Iterator[str]:
    """Whoever wrote at the path, above it or below it; the last one first."""
    for write in reversed(section.writes):
        inside = path[len(write.path) :]
        above = path[: len(write.path)] == write.path and _holds(write.value, inside)
        if above or write.path[: len(path)] == path:
            yield write.by


def _holds(value: Value, path: FieldPath) -> bool:
    return not path or at(value, *path) is not None
