"""PATCH on models and images: a JSON patch of whole fields."""

from __future__ import annotations

from typing import Any

from reconciler.emulator.errors import ServiceError
from reconciler.emulator.workspace.records import Document

_FIELDS = {"/kvTags": "kvTags", "/description": "description", "/properties": "properties"}


def patched(document: Document, operations: list[Any]) -> Document:
    """The document after all operations; properties may be added, never changed or removed."""
    for operation in operations:
        document = {**document, **_applied(document, operation)}
    return document


def _applied(document: Document, operation: object) -> Document:
    match operation:
        case {"op": "add" | "replace", "path": str() as path, "value": value} if path in _FIELDS:
            field = _FIELDS[path]
        case _:
            raise ServiceError(400, "BadRequest", f"unsupported patch operation: {operation}")
    if field == "properties":
        _refuse_changed(document["properties"], value)
    return {field: value}


def _refuse_changed(before: dict[str, Any], after: dict[str, Any]) -> None:
    changed = sorted(key for key in before if after.get(key) != before[key])
    if changed:
        message = f"properties are immutable and cannot be changed: {', '.join(changed)}"
        raise ServiceError(400, "BadRequest", message, detail="PropertiesImmutable")
