"""What can be said of one device, in a document or in a line of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.edge.identity import LEASES, PRINTS, ROOT
from reconciler.edge.size import twin_size
from reconciler.model import Fault, FieldPath, Spec, Value, mapping, text

SAS, THUMBPRINT, AUTHORITY = "sas", "x509Thumbprint", "x509CA"
TYPES = (SAS, THUMBPRINT, AUTHORITY)
STATUSES = ("enabled", "disabled")
FIELDS = ("authentication", "parent", "status", "tags")
"""Of one device. What a document does not say of a device is left as it is."""
ID = re.compile(r"[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}")
"""https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-identity-registry"""
PRINT = re.compile(r"[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}")
"""Of SHA-1 or SHA-256."""
UNFIT_KEY = re.compile(r"[\x00-\x20\x7f.$#]")
TAGS_BYTES = 8 * 1024
STRING_BYTES = 4096
DEPTH = 10


def id_faults(device: str, at: FieldPath) -> Iterator[Fault]:
    if not ID.fullmatch(device):
        yield Fault(
            at,
            "device.id",
            f'"{device}" cannot be the id of a device',
            "use up to 128 letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ '",
        )
    elif device.startswith(LEASES):
        hint = "choose another id: devices of that name hold leases"
        yield Fault(at, "device.id", f'ids that begin with "{LEASES}" are ours', hint)


def faults(spec: Spec) -> Iterator[Fault]:
    """What is wrong with the fields of one device, whoever wrote them."""
    if "authentication" in spec:
        yield from _authentication(mapping(spec["authentication"]))
    if "status" in spec and spec["status"] not in STATUSES:
        yield Fault(("status",), "device.status", "a device is enabled or disabled", "write one")
    if "tags" in spec:
        yield from _tags(mapping(spec["tags"]))


def authentication(value: Value) -> Spec:
    """With both thumbprints where there may be some, so that one that goes is seen to go."""
    found = mapping(value)
    kind = text(found.get("type")) or SAS
    prints = {name: text(found.get(name)).upper() for name in PRINTS}
    return {"type": kind, **(prints if kind == THUMBPRINT else {})}


def _authentication(told: Spec) -> Iterator[Fault]:
    at = ("authentication",)
    kind = text(told.get("type"))
    if kind not in TYPES:
        yield Fault((*at, "type"), "device.type", f'"{kind}" is no type', " or ".join(TYPES))
        return
    given = [name for name in PRINTS if name in told]
    if kind == THUMBPRINT and PRINTS[0] not in told:
        hint = "add it: openssl x509 -in device.pem -noout -fingerprint -sha256, without the colons"
        yield Fault(at, "device.thumbprint", f"{THUMBPRINT} needs a {PRINTS[0]}", hint)
    for name in given:
        if kind != THUMBPRINT:
            summary = f"{kind} has no thumbprints"
            yield Fault((*at, name), "device.thumbprint", summary, f"use type: {THUMBPRINT}")
        elif not PRINT.fullmatch(text(told[name])):
            summary = "a thumbprint has 40 (SHA-1) or 64 (SHA-256) hexadecimal digits"
            yield Fault((*at, name), "device.thumbprint", summary, "leave colons and spaces out")


def _tags(tags: Spec) -> Iterator[Fault]:
    if ROOT in tags:
        summary = f'the tag "{ROOT}" is ours'
        hint = "list the device in a DeviceGroup to put it into a group"
        yield Fault(("tags", ROOT), "device.tag", summary, hint)
    yield from _inner(tags, ("tags",))
    if (size := twin_size(tags)) > TAGS_BYTES:
        summary = f"the tags have {size} bytes, a device holds {TAGS_BYTES}"
        yield Fault(("tags",), "device.tags", summary, "keep what no condition asks for elsewhere")


def _inner(tags: Spec, at: FieldPath) -> Iterator[Fault]:
    for key, value in tags.items():
        path = (*at, key)
        if not key or UNFIT_KEY.search(key):
            summary = f'"{key}" cannot be a key of a tag'
            yield Fault(path, "device.tag", summary, "no spaces, dots, $ or #")
        elif isinstance(value, dict):
            if len(path) > DEPTH:
                yield Fault(path, "device.tag", f"tags are {DEPTH} levels deep at most", "flatten")
            else:
                yield from _inner(value, path)
        elif len(text(value).encode()) > STRING_BYTES:
            yield Fault(path, "device.tag", f"a text has {STRING_BYTES} bytes at most", "shorten")
