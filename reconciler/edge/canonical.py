"""When two manifests say the same.

The spelling of createOptions, the order of keys, what the hub and the agent take for absent (null
and empty objects, which the hub may add or drop) and passwords make no difference. Inside the
desired properties of modules everything counts, because only the module knows what it means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.edge.create_options import FIELD, OptionsError, joined, parsed, pieces
from reconciler.edge.render import AGENT, CREDENTIALS, HUB
from reconciler.model import MASK, FieldPath, Spec, Value, digest, mapping

_MASKED = "password"
_DEPTH = len(CREDENTIALS)


def canonical_content(content: Value) -> Spec:
    """`modulesContent` in the one form that all equal manifests share; passwords are masked."""
    sections = {name: _section(name, value) for name, value in mapping(content).items()}
    return {name: value for name, value in sections.items() if value not in ({}, None)}


def content_digest(content: Value) -> str:
    """The digest of a manifest's meaning."""
    return digest(canonical_content(content))


def masked(content: Value) -> Spec:
    """`modulesContent` as it is, but for its passwords."""
    return {
        name: _masked(value, ()) if name == AGENT else value
        for name, value in mapping(content).items()
    }


def passwords(content: Value) -> Mapping[FieldPath, str]:
    """Where passwords stand in a manifest, and which."""
    return dict(_passwords(mapping(content).get(AGENT), (AGENT,), ()))


def _passwords(value: Value, path: FieldPath, inside: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    for key, inner in mapping(value).items():
        deeper = _deeper(inside, key)
        if _is_password(deeper) and _can_be_password(inner):
            yield (*path, key), str(inner)
        yield from _passwords(inner, (*path, key), deeper)


def _masked(value: Value, inside: FieldPath) -> Value:
    if not isinstance(value, Mapping):
        return MASK if _is_password(inside) and _can_be_password(value) else value
    return {key: _masked(inner, _deeper(inside, key)) for key, inner in value.items()}


def _is_password(inside: FieldPath) -> bool:
    return len(inside) == _DEPTH + 2 and inside[:_DEPTH] == CREDENTIALS and inside[-1] == _MASKED


def _can_be_password(value: Value) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != ""


def _deeper(inside: FieldPath, key: str) -> FieldPath:
    """The path below `properties.desired`, which a layer writes as one key with dots."""
    steps = key.split(".") if not inside else [key]
    return (*inside, *(steps[2:] if steps[:2] == ["properties", "desired"] else steps))


def _section(name: str, value: Value) -> Value:
    if name not in {AGENT, HUB}:
        told = mapping(value).items()
        return {key: inner for key, inner in told if inner is not None} or None
    return _compact(_masked(value, ()))


def _compact(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(_compact(item) for item in value)
    if not isinstance(value, Mapping):
        return value
    inner = {key: _compact(item) for key, item in _whole_options(value).items()}
    return {key: item for key, item in inner.items() if item is not None and item != {}}


def _whole_options(settings: Mapping[str, Value]) -> Mapping[str, Value]:
    if FIELD not in settings:
        return settings
    found = pieces(settings)
    try:
        options = parsed(joined(settings))
    except OptionsError:
        return settings
    return {**{key: settings[key] for key in settings if key not in found}, FIELD: options}
