"""Many devices in one file: a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconciler.edge import plain
from reconciler.edge.identity import PRINTS
from reconciler.kinds.device.identity import FIELDS, faults, id_faults
from reconciler.model import Fault, FileContent, Origin, Spec, mapping, text

AT = ("file",)
ID = "deviceId"
KEYS = (ID, *FIELDS)


@dataclass(frozen=True, slots=True)
class Line:
    """One device, and what keeps it from being used."""

    number: int
    device: str
    spec: Spec
    faults: tuple[Fault, ...] = ()


def lines(content: FileContent) -> Iterator[Line]:
    """Every line that is not empty; what is wrong with it stands at its place."""
    seen: dict[str, int] = {}
    for number, written in enumerate((content.text or "").splitlines(), start=1):
        if not written.strip():
            continue
        line = _read(number, written)
        found = [*line.faults]
        if line.device and (first := seen.setdefault(line.device, number)) != number:
            summary = f"{line.device} stands in line {first} already"
            found.append(Fault(AT, "device.twice", summary, "remove one of the two"))
        origin = Origin(content.path, number)
        yield replace(line, faults=tuple(replace(f, path=AT, origin=origin) for f in found))


def file_faults(content: FileContent) -> Iterator[Fault]:
    if content.text is None:
        yield Fault(AT, "device.file", "the file is not text in UTF-8", "save it as UTF-8")
        return
    count = 0
    for line in lines(content):
        count += 1
        yield from line.faults
    if not count:
        yield Fault(AT, "device.file", "the file names no device", f'{{"{ID}": "gw-1"}} is a line')


def _read(number: int, written: str) -> Line:
    try:
        found = plain(json.loads(written))
    except ValueError as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "not JSON"
        return Line(number, "", {}, (_broken(f"the line is not JSON: {reason}"),))
    if not isinstance(found, dict):
        return Line(number, "", {}, (_broken("the line is no JSON object"),))
    spec = {key: value for key, value in found.items() if key != ID}
    device = text(found.get(ID))
    return Line(number, device, spec, (*id_faults(device, AT), *_unknown(spec), *_shape(spec)))


def _unknown(spec: Spec) -> Iterator[Fault]:
    for key in sorted(spec.keys() - set(FIELDS)):
        yield Fault(AT, "device.file", f'"{key}" is no field of a device', f"use {', '.join(KEYS)}")
    for key in sorted(mapping(spec.get("authentication")).keys() - {"type", *PRINTS}):
        summary = f'"{key}" is no field of authentication'
        hint = f"use type, {' or '.join(PRINTS)}: keys are made by the hub, and kept there"
        yield Fault(AT, "device.file", summary, hint)


def _shape(spec: Spec) -> Iterator[Fault]:
    wrong = [key for key in ("authentication", "tags") if key in spec and spec[key] is not None]
    wrong = [key for key in wrong if not isinstance(spec[key], dict)]
    for key in wrong:
        yield _broken(f'"{key}" must be an object')
    parent = spec.get("parent")
    if not (parent is None or isinstance(parent, str)):
        yield _broken('"parent" must be the id of a device, or null')
    if not wrong:
        yield from faults(mapping(spec))


def _broken(summary: str) -> Fault:
    return Fault(AT, "device.file", summary, f'write {{"{ID}": "gw-1", "tags": {{...}}}}')
