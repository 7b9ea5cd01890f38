"""createOptions: what Docker gets for a container, in the manifest's spelling and in ours.

The hub keeps them as text. A twin's text was limited to 512 characters once, so longer options
are cut into `createOptions`, `createOptions01`, ...; the agent puts up to 100 of them together
(iotedge, Constants.cs, `TwinValueMaxChunks`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from reconciler.edge.shape import plain
from reconciler.model import Value, canonical

FIELD = "createOptions"
CHUNK = 512
CHUNKS = 100
DEEPEST = 50

_PIECE = re.compile(r"createOptions(\d*)")


class OptionsError(ValueError):
    """The options cannot be read. The message is fit to show to a person."""

    def __init__(self, field: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.field = field
        self.hint = hint


def parsed(given: Value, field: str = FIELD) -> Value:
    """Options given as text or as data, as data with one spelling for equal numbers."""
    options: object = given
    if isinstance(given, str):
        options = _loaded(given, field) if given.strip() else {}
    if not isinstance(options, Mapping):
        message = "createOptions must be a JSON object, as Docker's API takes it"
        raise OptionsError(field, message, 'write {"HostConfig": {...}}, or leave them out')
    if _is_deep(options, DEEPEST):
        hint = "Docker's options are a few levels deep"
        raise OptionsError(field, "createOptions are nested too deep", hint)
    return plain(json.loads(canonical(plain(options))))


def chunked(options: Value) -> dict[str, Value]:
    """Options as the fields of a module's settings."""
    whole = options if isinstance(options, str) else canonical(options)
    pieces = [whole[start : start + CHUNK] for start in range(0, len(whole), CHUNK)] or [""]
    return {_name(index): piece for index, piece in enumerate(pieces)}


def pieces(settings: Mapping[str, Value]) -> Mapping[str, Value]:
    """The fields of a module's settings that together are its options, in order."""
    found = [key for key in settings if _PIECE.fullmatch(key)]
    return {key: settings[key] for key in sorted(found, key=_index)}


def joined(settings: Mapping[str, Value]) -> Value:
    """The options in a module's settings, put together but not parsed; None if there are none."""
    found = pieces(settings)
    if not found:
        return None
    if list(found) == [FIELD]:
        return found[FIELD]
    return "".join(_texts(found))


def _texts(found: Mapping[str, Value]) -> Iterator[str]:
    for index, (key, piece) in enumerate(found.items()):
        if key != _name(index):
            message = f"{key} stands without {_name(index)}: the agent stops at the gap"
            raise OptionsError(key, message, "number the pieces without gaps: 01, 02, 03, ...")
        if not isinstance(piece, str):
            message = f"{key} must be text: a piece of the options that stand before it"
            raise OptionsError(key, message, "write the options as one object in createOptions")
        yield piece


def _is_deep(options: object, limit: int) -> bool:
    match options:
        case dict():
            inner: Iterable[object] = options.values()
        case list() | tuple():
            inner = options
        case _:
            return False
    return limit == 0 or any(_is_deep(item, limit - 1) for item in inner)


def _loaded(options: str, field: str) -> object:
    try:
        loaded: object = json.loads(options)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "it is nested too deep"
        where = f" at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
        message = f"createOptions is not JSON: {reason}{where}"
        raise OptionsError(field, message, "write them as an object instead of a text") from error
    return loaded


def _name(index: int) -> str:
    return f"{FIELD}{index:02}" if index else FIELD


def _index(key: str) -> int:
    return int(key.removeprefix(FIELD) or 0)
