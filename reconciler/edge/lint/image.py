"""References of images, as the agent on a device reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.model import Fault, FieldPath, Severity

_REFERENCE = re.compile(
    r"(?P<name>[$]?[A-Za-z0-9][\w.-]*(?::[0-9]+(?=/))?(?:/[A-Za-z0-9][\w.-]*)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-fA-F]{64}))?"
)
"""https://github.com/distribution/reference, and `$upstream:443/...` of nested edges."""
_RUNTIME = re.compile(r"azureiotedge-(?:agent|hub)[^:/]*:v?(\d+)\.(\d+).*")
_SUPPORTED = (1, 6)
"""1.5 ended on 2026-11-10: https://learn.microsoft.com/azure/iot-edge/version-history."""


def image_faults(path: FieldPath, reference: str) -> Iterator[Fault]:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        hint = "write <registry>/<name>:<tag>, such as contoso.azurecr.io/detector:1.4"
        yield Fault(path, "image.reference", f'"{reference}" is no reference of an image', hint)
    elif _repository(found["name"]) != _repository(found["name"]).lower():
        summary = f'"{reference}" has capital letters in its name, which Docker refuses'
        hint = f'did you mean "{reference.lower()}"?'
        yield _warning(path, "image.case", summary, hint)
    elif found["digest"] and found["tag"]:
        summary = "the agent refuses a reference with both a tag and a digest"
        hint = "keep the tag (https://github.com/Azure/iotedge/issues/5259)"
        yield Fault(path, "image.tag-and-digest", summary, hint)
    else:
        yield from _judged(path, reference, found["tag"], found["digest"])


def _judged(path: FieldPath, reference: str, tag: str | None, sha: str | None) -> Iterator[Fault]:
    if sha:
        summary = "an image that was pulled by its digest is never cleaned up on the device"
        yield _warning(path, "image.digest", summary, "use a tag that is never pushed again")
    elif tag in {None, "latest"}:
        summary = f"{reference} can mean another image tomorrow, and devices will not notice"
        yield _warning(path, "image.latest", summary, "use a tag that is never pushed again")
    if (runtime := _RUNTIME.search(reference)) and _version(runtime) < _SUPPORTED:
        summary = f"IoT Edge {runtime[1]}.{runtime[2]} is no longer supported"
        yield _warning(path, "image.end-of-life", summary, "use 1.6.1")


def _version(runtime: re.Match[str]) -> tuple[int, int]:
    return int(runtime[1]), int(runtime[2])


def _repository(name: str) -> str:
    """A name without its registry's host, whose case does not matter."""
    host, _, rest = name.partition("/")
    return rest if rest and ("." in host or ":" in host or host == "localhost") else name


def _warning(path: FieldPath, code: str, summary: str, hint: str) -> Fault:
    return Fault(path, code, summary, hint, Severity.WARNING)
