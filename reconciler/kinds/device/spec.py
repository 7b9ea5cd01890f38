"""What a Device is: one IoT Edge device that the hub knows, or a file of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.edge.identity import MARK, ROOT
from reconciler.edge.shape import merged
from reconciler.kinds.device.identity import FIELDS, authentication, faults, id_faults
from reconciler.kinds.device.lines import file_faults, lines
from reconciler.model import (
    Contents,
    Fault,
    FieldPath,
    FieldRule,
    FileUse,
    Kind,
    Refs,
    ResourceId,
    Spec,
    Value,
    mapping,
    text,
)

FILE = ("file",)
LARGEST = 16 << 20
"""Bytes of a file of devices: a hundred thousand lines."""
NAMED = "device"
"""Below `parent`: the name of a Device, in whose place its id is put."""


def files(spec: Spec) -> Iterator[FileUse]:
    if path := text(spec.get("file")):
        yield FileUse(FILE, path, text=True, folder=False, largest=LARGEST)


def check(name: str, spec: Spec, contents: Contents) -> Iterator[Fault]:
    if "file" in spec:
        if "id" in spec:
            hint = "remove id: the lines of the file say deviceId"
            yield Fault(("id",), "device.id", "a file names the ids of its devices", hint)
        if FILE in contents:
            yield from file_faults(contents[FILE])
    else:
        yield from id_faults(text(spec.get("id")) or name, ("id",) if "id" in spec else ())
    yield from faults(spec)
    if _circular(_wishes(name, spec, contents)):
        yield Fault(("parent",), "device.parent", "a device is its own parent", "name another one")


def normalize(spec: Spec, contents: Contents) -> Spec:
    """Every device by its id, with what is asked of it and nothing else.

    `owner`, `environment` and `name` are put in by the loader: the mark is a tag like others.
    """
    name = text(spec.get("name"))
    mark: Spec = {ROOT: {text(spec["owner"]): {MARK: f"{text(spec['environment'])}/{name}"}}}
    devices = {
        device: {**wish, "tags": merged(mapping(wish.get("tags")), mark)}
        for device, wish in sorted(_wishes(name, spec, contents).items())
    }
    return {"devices": devices}


def refs(spec: Spec) -> Refs:
    """Parents that are Devices of the fleet themselves."""
    found: dict[FieldPath, ResourceId] = {}
    for device, wish in mapping(spec["devices"]).items():
        if parent := text(mapping(mapping(wish).get("parent")).get(NAMED)):
            found["devices", device, "parent"] = ResourceId("Device", parent)
    return found


def stand_in(spec: Spec) -> Value:
    """The id, where there is one device: a file of them is nobody's parent."""
    devices = list(mapping(spec["devices"]))
    return devices[0] if len(devices) == 1 else ""


def _wishes(name: str, spec: Spec, contents: Contents) -> Mapping[str, Spec]:
    shared = {field: spec[field] for field in FIELDS if field in spec}
    if "parent" in shared:
        shared["parent"] = _parent(shared["parent"])
    if "file" not in spec:
        return {text(spec.get("id")) or name: _wish(shared)}
    if FILE not in contents:
        return {}
    return {
        line.device: _wish({**shared, **line.spec, "tags": _tags(shared, line.spec)})
        for line in lines(contents[FILE])
        if line.device
    }


def _wish(spec: Spec) -> Spec:
    wish = {field: spec[field] for field in FIELDS if field in spec}
    if wish.get("authentication") is not None:
        wish["authentication"] = authentication(wish["authentication"])
    return {field: value for field, value in wish.items() if field == "parent" or value is not None}


def _tags(below: Spec, above: Spec) -> Value:
    """Of a document, with those of a line over them."""
    return merged(mapping(below.get("tags")), mapping(above.get("tags")))


def _parent(told: Value) -> Value:
    """A name stands for a Device of the fleet, `{id: ...}` for any device of the hub."""
    if isinstance(told, Mapping):
        return text(told.get("id"))
    return {NAMED: told} if told is not None else None


def _circular(wishes: Mapping[str, Spec]) -> bool:
    """Whether somebody is above themselves; only parents in the same document are known."""
    above = {device: text(wish.get("parent")) for device, wish in wishes.items()}
    for device, parent in above.items():
        seen, at = {device}, parent
        while at in above and at not in seen:
            seen.add(at)
            at = above[at]
        if at in seen:
            return True
    return False


KIND = Kind(
    name="Device",
    rules={
        ("devices",): FieldRule.UPDATE,
        ("owner",): FieldRule.IGNORE,  # asks the loader for it
        ("environment",): FieldRule.IGNORE,  # asks the loader for it
        ("name",): FieldRule.IGNORE,  # asks the loader for it
    },
    files=files,
    check=check,
    normalize=normalize,
    refs=refs,
    stand_in=stand_in,
)
