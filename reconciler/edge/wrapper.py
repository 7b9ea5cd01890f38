"""The wrappings in which manifests are found in files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.edge.render import AGENT, HUB
from reconciler.edge.shape import at
from reconciler.model import Fault, FieldPath, Severity, Spec, Value, mapping

CONTENTS = ("modulesContent", "moduleContent")
"""The second is what previews called it."""
_EXPORTED = ("configurations", "edgeDeployments")


@dataclass(frozen=True, slots=True)
class Found:
    """A manifest in a file."""

    path: FieldPath
    """Where in the file `modulesContent` stands; empty if it is the whole file."""
    content: Value
    configuration: Spec
    """What stands around it: id, targetCondition, priority, labels, metrics."""
    configuration_path: FieldPath = ()
    faults: tuple[Fault, ...] = ()


def manifests(value: Value) -> tuple[Found, ...]:
    """All manifests in a file: most often one, several in an export of a hub."""
    if isinstance(value, tuple):
        return tuple(
            found for index, item in enumerate(value) for found in _within((str(index),), item)
        )
    exported = at(value, *_EXPORTED)
    if isinstance(exported, Mapping):
        return tuple(
            found
            for name, item in exported.items()
            for found in _within((*_EXPORTED, name), {"id": name, **mapping(item)})
        )
    if isinstance(at(value, "deploymentManifest"), Mapping):  # a device template of IoT Central
        return tuple(_within(("deploymentManifest",), at(value, "deploymentManifest")))
    return tuple(_within((), value))


def _within(path: FieldPath, value: Value) -> Iterator[Found]:
    told = mapping(value)
    if isinstance(told.get("content"), Mapping):
        yield from _content((*path, "content"), mapping(told["content"]), told, path)
    elif told.keys() & set(CONTENTS):
        yield from _content(path, told, told, path)
    elif told.keys() & {AGENT, HUB}:
        yield Found(path, value, {}, path)


def _content(
    path: FieldPath, holder: Spec, configuration: Spec, outer: FieldPath
) -> Iterator[Found]:
    for name in CONTENTS:
        if name in holder:
            faults = tuple(_holder_faults(path, holder, name))
            yield Found((*path, name), holder[name], configuration, outer, faults)
            return


def _holder_faults(path: FieldPath, holder: Spec, name: str) -> Iterator[Fault]:
    if name != CONTENTS[0]:
        summary = f'"{name}" is what previews called "{CONTENTS[0]}"'
        hint = f'rename it to "{CONTENTS[0]}"'
        yield Fault((*path, name), "manifest.preview", summary, hint, Severity.WARNING)
    if "deviceContent" in holder:
        summary = "deviceContent cannot stand beside modulesContent: the hub refuses both together"
        yield Fault((*path, "deviceContent"), "manifest.mixed", summary, "remove one of the two")
