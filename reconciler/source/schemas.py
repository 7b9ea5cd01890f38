"""Documents against their schemas, refused in words that say what to write instead."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from reconciler.model import Fault, FieldPath, Value
from reconciler.source.conform import Test, compile_schema

if TYPE_CHECKING:
    from jsonschema import ValidationError

CODE = "schema"
WRITTEN = "{written}"
"""In a hint: what stands in the file, spelling and all, once that has been looked up."""
LONGEST = 60
"""Characters of a value in a message."""
TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "nothing",
}


class Schema:
    """One kind's schema."""

    def __init__(self, text: str) -> None:
        self.definition: Mapping[str, Any] = json.loads(text)

    def faults(self, data: Value) -> tuple[Fault, ...]:
        """Everything that does not fit, in the order of the document's fields."""
        if self._conforms(data):
            return ()
        # Imported here: it takes its time, and most documents fit.
        from jsonschema import Draft202012Validator

        errors = Draft202012Validator(self.definition).iter_errors(_listed(data))
        found = [fault for error in errors for fault in _faults(error)]
        return tuple(sorted(set(found), key=lambda fault: (fault.path, fault.summary)))

    @cached_property
    def _conforms(self) -> Test:
        return compile_schema(self.definition)


def _listed(value: Value) -> object:
    """The same data as JSON's reader would give it: our lists are tuples."""
    if isinstance(value, Mapping):
        return {key: _listed(inner) for key, inner in value.items()}
    return [_listed(item) for item in value] if isinstance(value, tuple) else value


def read_schema(folder: Path, name: str) -> Schema:
    """The schema of a kind (`DeviceGroup`: device_group.schema.json), or of the root file."""
    file = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return Schema((folder / f"{file}.schema.json").read_text(encoding="utf-8"))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint, or nothing where no known name is close."""
    lowered = {other.lower(): other for other in sorted(known)}
    close = get_close_matches(name.lower(), lowered, n=2)
    return f"did you mean {' or '.join(lowered[other] for other in close)}?" if close else ""


def _faults(error: ValidationError) -> Iterator[Fault]:
    path = tuple(str(step) for step in error.absolute_path)
    if error.validator in {"oneOf", "anyOf"}:
        yield from _of_branches(path, error)
    elif error.validator == "additionalProperties":
        yield from _unknown(path, error)
    elif error.validator in WORDS:
        summary, hint = WORDS[str(error.validator)](error)
        yield Fault(path, CODE, summary, hint)
    else:
        yield Fault(path, CODE, error.message)


def _unknown(path: FieldPath, error: ValidationError) -> Iterator[Fault]:
    known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
    for key in sorted(set(_keys(error.instance)) - set(known)):
        hint = did_you_mean(key, known) or f"known here: {', '.join(sorted(known))}"
        yield Fault((*path, key), "schema.unknown", f'unknown field "{key}"', hint)


def _of_branches(path: FieldPath, error: ValidationError) -> Iterator[Fault]:
    """The faults of the branch that was meant, where the data's type says which that is."""
    branches: dict[str, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(str(inner.relative_schema_path[0]), []).append(inner)
    meant = [found for found in branches.values() if not _is_other_type(found, path)]
    listed = error.validator_value if isinstance(error.validator_value, list) else []
    choices = [choice for choice in listed if isinstance(choice, Mapping)]
    wanted = [" and ".join(choice["required"]) for choice in choices if "type" not in choice]
    if wanted:
        summary = f"needs exactly one of: {'; '.join(wanted)}"
        given = ", ".join(sorted(set(_keys(error.instance))))
        yield Fault(path, CODE, summary, f"it has {given}" if given else "add one")
    elif len(meant) == 1:
        for inner in meant[0]:
            yield from _faults(inner)
    else:
        types = [TYPES.get(str(choice.get("type")), "another shape") for choice in choices]
        yield Fault(path, CODE, f"must be {' or '.join(dict.fromkeys(types))}", _described(error))


def _is_other_type(errors: Iterable[ValidationError], path: FieldPath) -> bool:
    return any(
        error.validator == "type" and len(error.absolute_path) == len(path) for error in errors
    )


Words: TypeAlias = "Callable[[ValidationError], tuple[str, str]]"
"""The summary and the hint for an error."""


def _required(error: ValidationError) -> tuple[str, str]:
    named = re.match(r"'(.*)' is a required", error.message)
    name = named[1] if named else "a field"
    properties = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
    return f"{name} is missing", str(properties.get(name, {}).get("description", ""))


def _type(error: ValidationError) -> tuple[str, str]:
    value, wanted = error.instance, error.validator_value
    names = wanted if isinstance(wanted, list) else [wanted]
    summary = f"must be {' or '.join(TYPES[str(name)] for name in names)}, not {shown(value)}"
    if "string" in names and isinstance(value, bool | int | float):
        return summary, f'put it in quotes: "{WRITTEN}"'
    if "boolean" in names and str(value).lower() in {"yes", "no", "on", "off", "y", "n"}:
        return summary, "write true or false"
    if isinstance(value, str) and {"integer", "number"} & set(names):
        return summary, "write a number without quotes and leading zeros"
    return summary, _described(error)


def _choice(error: ValidationError) -> tuple[str, str]:
    wanted = error.validator_value
    choices = wanted if isinstance(wanted, list) else [wanted]
    listed = ", ".join(shown(choice) for choice in choices)
    if len(choices) == 1:
        return f"must be {listed}, not {shown(error.instance)}", ""
    hint = did_you_mean(str(error.instance), [str(choice) for choice in choices])
    return f"must be one of {listed}, not {shown(error.instance)}", hint


def _pattern(error: ValidationError) -> tuple[str, str]:
    return f"{shown(error.instance)} does not fit", _described(error)


def _limit(word: str, unit: str) -> Words:
    def words(error: ValidationError) -> tuple[str, str]:
        what = f"{shown(error.instance)} is" if not unit else "has"
        return f"{what} {word} {error.validator_value}{unit}", _described(error)

    return words


def shown(value: object) -> str:
    """A value in a message, cut where it is long."""
    match value:
        case bool():
            return str(value).lower()
        case None:
            return "nothing"
        case str():
            return f'"{value}"' if len(value) <= LONGEST else f'"{value[:LONGEST]}..."'
        case int() | float():
            return f"the number {value!r}"
        case Mapping():
            return "a mapping"
        case _:
            return "a list"


def _described(error: ValidationError) -> str:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    return str(schema.get("description", ""))


def _keys(value: object) -> Iterable[str]:
    return value if isinstance(value, Mapping) else ()


WORDS: Mapping[str, Words] = {
    "required": _required,
    "type": _type,
    "enum": _choice,
    "const": _choice,
    "pattern": _pattern,
    "minimum": _limit("less than", ""),
    "maximum": _limit("more than", ""),
    "minLength": _limit("fewer than", " characters"),
    "maxLength": _limit("more than", " characters"),
    "minItems": _limit("fewer than", " items"),
    "maxItems": _limit("more than", " items"),
    "minProperties": _limit("fewer than", " fields"),
    "maxProperties": _limit("more than", " fields"),
    "uniqueItems": lambda _error: ("lists the same thing twice", "keep one of the two"),
}
