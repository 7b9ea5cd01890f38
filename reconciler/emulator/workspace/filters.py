"""The `tags` and `properties` filters of list calls: `key,key2=value`, all of which must hold."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.emulator.workspace.records import Document


def matches(document: Document, query: Mapping[str, str]) -> bool:
    """As the service reads it, a comma or an equals sign inside a value cannot be escaped."""
    return _holds(document["kvTags"], query.get("tags", "")) and _holds(
        document["properties"], query.get("properties", "")
    )


def _holds(values: Mapping[str, str | None], wanted: str) -> bool:
    for condition in filter(None, wanted.split(",")):
        key, equals, value = condition.partition("=")
        if key not in values or (equals and values[key] != value):
            return False
    return True
