"""Looking into plain data whose shape nobody has promised yet."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model import Value, mapping


def at(value: Value, *path: str) -> Value:
    """What stands at `path` below `value`; None where nothing does."""
    for key in path:
        value = mapping(value).get(key)
    return value


def merged(below: Value, above: Value) -> Value:
    """`above` over `below`: mappings key by key, anything else as a whole."""
    if not (isinstance(below, Mapping) and isinstance(above, Mapping)):
        return above
    return {**below, **{key: merged(below.get(key), inner) for key, inner in above.items()}}


def plain(loaded: object) -> Value:
    """What a JSON or YAML reader gives, as a value: lists become tuples."""
    if isinstance(loaded, Mapping):
        return {str(key): plain(inner) for key, inner in loaded.items()}
    if isinstance(loaded, (list, tuple)):
        return tuple(plain(item) for item in loaded)
    if loaded is None or isinstance(loaded, (bool, int, float, str)):
        return loaded
    return str(loaded)
