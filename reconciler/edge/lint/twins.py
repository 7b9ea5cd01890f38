"""Desired properties: what a twin can hold.

Limits: https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reconciler.edge.render import AGENT, HUB, Resolutions, render
from reconciler.edge.size import SECTION_BYTES, twin_size
from reconciler.model import Fault, FieldPath, Spec, Value, mapping

TEXT_BYTES = 4096
KEY_BYTES = 1024
DEPTH = 10
SMALLEST, LARGEST = -(2**52), 2**52 - 1

_BAD_KEY = re.compile(r"[.$# \x00-\x1f\x7f]")


def twin_faults(path: FieldPath, told: Spec) -> Iterator[Fault]:
    """Of the desired properties of the module, or the twin, at `path`."""
    whole = told.get("desiredProperties")
    yield from _held((*path, "desiredProperties"), whole if whole is not None else {}, 0)
    for section, value in mapping(told.get("desiredPropertySections")).items():
        at_section = (*path, "desiredPropertySections", section)
        steps = section.split(".")
        for step in steps:
            yield from _key(at_section, step)
        yield from _held(at_section, value, len(steps))


def further_faults(spec: Spec) -> Iterator[Fault]:
    """Of what goes into the twins of the agent and the hub as it is written."""
    for field in ("edgeAgentProperties", "edgeHubProperties"):
        for key, value in mapping(spec.get(field)).items():
            found = _held((field, key), value, len(key.split(".")))
            # A null takes away what stands there; which twins can, no page says.
            yield from (fault for fault in found if fault.code != "twin.null")
    for name, told in mapping(spec.get("routes")).items():
        if isinstance(told, Mapping):
            yield from _text(("routes", name, "route"), told.get("route"))
        else:
            yield from _text(("routes", name), told)


def size_faults(spec: Spec) -> Iterator[Fault]:
    """Sections of the manifest that no twin can hold."""
    places: Mapping[str, FieldPath] = {AGENT: ("modules",), HUB: ("routes",)}
    own = mapping(spec.get("modules"))
    for name, section in render(spec, Resolutions()).items():
        size = sum(twin_size(value) for value in mapping(section).values())
        if size > SECTION_BYTES:
            owner = "modules" if name in own else "twins"
            summary = f"{name} has {size} bytes of desired properties; a twin holds {SECTION_BYTES}"
            hint = "move modules to layers for other devices, or data out of the manifest"
            yield Fault(places.get(name, (owner, name)), "twin.size", summary, hint)


def _held(path: FieldPath, value: Value, depth: int) -> Iterator[Fault]:
    match value:
        case None:
            summary = "null removes a property, and a manifest cannot hold it"
            yield Fault(path, "twin.null", summary, "leave the property out")
        case bool():
            return
        case int() if not SMALLEST <= value <= LARGEST:
            summary = f"{value} is beyond what a twin holds ({SMALLEST} to {LARGEST})"
            yield Fault(path, "twin.number", summary, "write it as text")
        case str():
            yield from _text(path, value)
        case Mapping():
            yield from _object(path, value, depth + 1)
        case tuple():
            for index, item in enumerate(value):
                yield from _held((*path, str(index)), item, depth + 1)
        case _:
            return


def _text(path: FieldPath, value: Value) -> Iterator[Fault]:
    size = len(value.encode()) if isinstance(value, str) else 0
    if size > TEXT_BYTES:
        summary = f"the text has {size} bytes; a twin holds {TEXT_BYTES} in one"
        yield Fault(path, "twin.text", summary, "split it over several properties")


def _object(path: FieldPath, value: Spec, depth: int) -> Iterator[Fault]:
    if depth == DEPTH + 2:
        summary = f"properties are nested more than {DEPTH} deep"
        yield Fault(path, "twin.depth", summary, "flatten them, or write the inner ones as text")
        return
    for key, inner in value.items():
        yield from _key((*path, key), key)
        yield from _held((*path, key), inner, depth)


def _key(path: FieldPath, key: str) -> Iterator[Fault]:
    if not key or _BAD_KEY.search(key):
        summary = f'"{key}" cannot be a key of a twin: no . $ # space or control character can'
        yield Fault(path, "twin.key", summary, "rename it")
    elif len(key.encode()) > KEY_BYTES:
        yield Fault(path, "twin.key", f"the key has more than {KEY_BYTES} bytes", "shorten it")
