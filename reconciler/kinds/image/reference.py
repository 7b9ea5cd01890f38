"""The address of an image in a registry, and what devices do with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.model import Fault, FieldPath, Severity

AT: FieldPath = ("reference",)
CODE = "image.reference"
PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
REFERENCE = re.compile(
    r"(?P<name>[^@:/]+(?::[0-9]+(?=/))?(?:/[^@:/]+)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
"""https://github.com/distribution/reference: [registry/]repository[:tag][@digest]."""
REPOSITORY = re.compile(rf"{PART}(?:/{PART})*")


def check_reference(reference: str) -> Iterator[Fault]:
    found = REFERENCE.fullmatch(reference)
    host, _, repository = found["name"].partition("/") if found else ("", "", "")
    if not found or (_is_host(host) and not REPOSITORY.fullmatch(repository)):
        hint = "write registry/repository:tag in small letters, such as contoso.azurecr.io/app:1.4"
        yield Fault(AT, CODE, f'"{reference}" is not the address of an image', hint)
    elif not _is_host(host):
        hint = f"write the registry, too, such as docker.io/library/{reference}"
        yield Fault(AT, CODE, f'"{reference}" does not name its registry', hint)
    else:
        yield from _check_version(found["tag"], found["digest"])


def _check_version(tag: str | None, digest: str | None) -> Iterator[Fault]:
    if tag and digest:
        yield Fault(
            AT,
            CODE,
            "the agent on the device refuses an address with both a tag and a digest",
            "keep the tag; its digest is looked up and watched "
            "(https://github.com/Azure/iotedge/issues/5259)",
        )
    elif digest:
        yield Fault(
            AT,
            "image.digest",
            "images pulled by digest are never cleaned up on the device",
            "use a tag that is never pushed again; its digest is looked up and watched",
            Severity.WARNING,
        )
    elif tag in {None, "latest"}:
        yield Fault(
            AT,
            "image.latest",
            "devices do not pull a tag again that they have, whatever it means by now",
            "use a tag that is never pushed again (https://github.com/Azure/iotedge/issues/364)",
            Severity.WARNING,
        )


def _is_host(text: str) -> bool:
    return "." in text or ":" in text or text == "localhost"
