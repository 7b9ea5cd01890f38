"""Reading a module's definition out of a manifest, and noting what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.edge.create_options import FIELD, OptionsError, joined, parsed, pieces
from reconciler.edge.shape import at
from reconciler.model import Fault, FieldPath, Severity, Value, mapping

_FIELDS = (
    "type",
    "version",
    "status",
    "restartPolicy",
    "imagePullPolicy",
    "startupOrder",
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Notes what is wrong while a manifest is read."""

    faults: list[Fault] = field(default_factory=list)

    def refuse(self, path: FieldPath, code: str, summary: str, hint: str) -> None:
        self.faults.append(Fault(path, code, summary, hint))

    def warn(self, path: FieldPath, code: str, summary: str, hint: str) -> None:
        self.faults.append(Fault(path, code, summary, hint, Severity.WARNING))

    def mapping(self, path: FieldPath, value: Value) -> Mapping[str, Value]:
        """`value` as a mapping; what is none is refused, and nothing is an empty one."""
        if value is not None and not isinstance(value, Mapping):
            summary = f'"{path[-1]}" must be an object, not {kind_of(value)}'
            hint = "JSON has no comments: remove it" if "comment" in path[-1] else ""
            self.refuse(path, "manifest.shape", summary, hint)
        return mapping(value)


def module(
    where: FieldPath, value: Value, reader: Reader
) -> tuple[dict[str, Value], Mapping[str, Value]]:
    """A module's fields, and what is left over in its definition."""
    rest = dict(reader.mapping(where, value))
    if value is not None and not isinstance(value, Mapping):
        return {}, {}
    told = {key: rest.pop(key, None) for key in _FIELDS}
    if "env" in rest:
        told["env"] = _env((*where, "env"), rest.pop("env"), reader)
    settings = dict(reader.mapping((*where, "settings"), rest.pop("settings", None)))
    told |= _settings((*where, "settings"), settings, reader)
    for key in sorted(rest):
        _ignored((*where, key), rest[key], reader)
    for key in sorted(settings):
        _ignored((*where, "settings", key), settings[key], reader)
    put(rest, ("settings",), settings)
    return {key: told[key] for key in told if told[key] is not None}, rest


def put(into: dict[str, Value], path: FieldPath, rest: Mapping[str, Value]) -> None:
    """Set what is left over at `path` of the rest; nothing for nothing."""
    if not rest:
        return
    *parents, last = path
    for key in parents:
        inner = dict(mapping(into.get(key)))
        into[key] = inner
        into = inner
    into[last] = {**mapping(into.get(last)), **rest}


def kind_of(value: Value) -> str:
    """What JSON calls a value of this kind."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case tuple():
            return "a list"
        case Mapping():
            return "an object"


def _settings(where: FieldPath, settings: dict[str, Value], reader: Reader) -> dict[str, Value]:
    told: dict[str, Value] = {}
    image = settings.pop("image", None)
    if isinstance(image, str) and image:
        told["image"] = image
    else:
        there = "is empty" if image == "" else "is missing" if image is None else "must be text"
        summary = f'the image of "{where[-2]}" {there}'
        hint = 'write "image": "<registry>/<name>:<tag>"'
        reader.refuse((*where, "image"), "image.missing", summary, hint)
    try:
        told["createOptions"] = _options(settings)
    except OptionsError as error:
        reader.refuse((*where, error.field), "options.invalid", str(error), error.hint)
    for key in pieces(settings):
        del settings[key]
    return told


def _options(settings: Mapping[str, Value]) -> Value:
    whole = joined(settings)
    if whole is None:
        return None
    try:
        return parsed(whole)
    except OptionsError:
        if isinstance(whole, str) and "${" in whole and FIELD in settings:
            return whole  # JSON only once the variable has its value
        raise


def _env(where: FieldPath, value: Value, reader: Reader) -> Value:
    told: dict[str, Value] = {}
    for name, entry in reader.mapping(where, value).items():
        inner = at(entry, "value")
        if not isinstance(entry, Mapping) or "value" not in entry:
            shown = (
                f'{{"value": {entry!r}}}'
                if isinstance(entry, (int, float))
                else ('{"value": "..."}')
            )
            summary = f'the environment variable "{name}" is not wrapped in {{"value": ...}}'
            reader.refuse((*where, name), "env.unwrapped", summary, f'write "{name}": {shown}')
        elif isinstance(inner, (str, bool, int, float)):
            told[name] = inner
        else:
            summary = f'the environment variable "{name}" is {kind_of(inner)}'
            hint = "write text, a number, true or false"
            reader.refuse((*where, name, "value"), "env.type", summary, hint)
    return told


def _ignored(where: FieldPath, value: Value, reader: Reader) -> None:
    key = where[-1]
    hint = (
        'move it into the module\'s "env"'
        if at(value, "value") is not None
        else ('move its variables into the module\'s own "env"' if key == "env" else "remove it")
    )
    summary = f'the agent knows no field "{key}" here, and ignores it'
    reader.warn(where, "manifest.ignored", summary, hint)
