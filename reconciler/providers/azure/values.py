"""From a service's JSON to the core's immutable data, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from reconciler.model import Spec, Value

Entry: TypeAlias = dict[str, Any]
"""One object of a service's JSON, whose shape is the service's."""
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def frozen(json: object) -> Value:
    """Lists become tuples; what JSON does not know becomes text."""
    if isinstance(json, Mapping):
        return {str(key): frozen(value) for key, value in json.items()}
    if isinstance(json, (list, tuple)):
        return tuple(frozen(item) for item in json)
    if json is None or isinstance(json, (bool, int, float, str)):
        return json
    return str(json)


def plain(value: Value) -> Json:
    """What a JSON encoder takes; a fresh copy that may be changed."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def fields(value: object) -> Spec:
    """A mapping as it is, anything else as an empty one."""
    found = frozen(value)
    return found if isinstance(found, Mapping) else {}


def entry(value: object) -> Entry:
    """An object of a service's JSON; empty where it is something else."""
    return dict(value) if isinstance(value, Mapping) else {}


def entries(value: object) -> list[Entry]:
    """A list of objects of a service's JSON."""
    return [entry(item) for item in value] if isinstance(value, list) else []


def words(value: object) -> dict[str, str]:
    """A mapping of texts: tags, labels and properties."""
    if not isinstance(value, Mapping):
        return {}
    return {str(key): "" if item is None else str(item) for key, item in value.items()}


def texts(value: Value) -> tuple[str, ...]:
    """The items of a list, as text."""
    return tuple(str(item) for item in value) if isinstance(value, tuple) else ()
