"""Whether data fits a schema, fast, for the many documents that do.

A schema is compiled into plain functions. Their yes is as good as jsonschema's; their no only
means that jsonschema must look, which stays the authority: it decides and words every refusal.
A keyword that is not known here never gets a yes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from reconciler.model import Value

Schema: TypeAlias = "Mapping[str, object] | bool"
Test: TypeAlias = Callable[[Value], bool]
Keyword: TypeAlias = "Callable[[object, Mapping[str, object], _Compiler], Test]"


def compile_schema(schema: Schema) -> Test:
    """A function that is true only for data that fits the schema."""
    root = schema if isinstance(schema, Mapping) else {}
    return _Compiler(root).compile(schema)


class _Compiler:
    def __init__(self, root: Mapping[str, object]) -> None:
        self._root = root
        self._compiled: dict[str, Test] = {}

    def compile(self, schema: object) -> Test:
        if isinstance(schema, bool):
            return lambda _value: schema
        if not isinstance(schema, Mapping):
            return _never
        tests: list[Test] = []
        for keyword, argument in schema.items():
            if keyword in SILENT or (keyword == "additionalProperties" and "properties" in schema):
                continue
            make = KEYWORDS.get(keyword)
            tests.append(make(argument, schema, self) if make else _never)
        return _all(tests)

    def reference(self, pointer: object) -> Test:
        """A `$ref` into the same schema; compiled once, and late, since it may lead to itself."""
        if not isinstance(pointer, str) or not pointer.startswith("#/"):
            return _never

        def test(value: Value) -> bool:
            if pointer not in self._compiled:
                self._compiled[pointer] = self.compile(self._target(pointer))
            return self._compiled[pointer](value)

        return test

    def _target(self, pointer: str) -> object:
        found: object = self._root
        for step in pointer[2:].split("/"):
            found = found.get(step) if isinstance(found, Mapping) else None
        return found


def _never(_value: Value) -> bool:
    return False


def _all(tests: list[Test]) -> Test:
    match tests:
        case []:
            return lambda _value: True
        case [one]:
            return one
        case [one, two]:
            return lambda value: one(value) and two(value)
        case _:
            return lambda value: all(test(value) for test in tests)


def _type(argument: object, _schema: Mapping[str, object], _compiler: _Compiler) -> Test:
    names = argument if isinstance(argument, list) else [argument]
    allowed = frozenset(kind for name in names for kind in TYPES.get(str(name), ()))
    return lambda value: value.__class__ in allowed


def _object(_argument: object, schema: Mapping[str, object], compiler: _Compiler) -> Test:
    """`properties` and `additionalProperties` in one pass over the keys that are there."""
    listed = schema.get("properties", {})
    properties = listed if isinstance(listed, Mapping) else {}
    known = {name: compiler.compile(inner) for name, inner in properties.items()}
    other = compiler.compile(schema.get("additionalProperties", True))

    def test(value: Value) -> bool:
        if not isinstance(value, dict):
            return True
        return all(known.get(key, other)(inner) for key, inner in value.items())

    return test


def _required(argument: object, _schema: Mapping[str, object], _compiler: _Compiler) -> Test:
    names = tuple(argument) if isinstance(argument, list) else ()
    return lambda value: not isinstance(value, dict) or all(name in value for name in names)


def _names(argument: object, _schema: Mapping[str, object], compiler: _Compiler) -> Test:
    fits = compiler.compile(argument)
    return lambda value: not isinstance(value, dict) or all(fits(name) for name in value)


def _items(argument: object, _schema: Mapping[str, object], compiler: _Compiler) -> Test:
    fits = compiler.compile(argument)
    return lambda value: not isinstance(value, tuple) or all(fits(item) for item in value)


def _unique(argument: object, _schema: Mapping[str, object], _compiler: _Compiler) -> Test:
    """Only texts are told apart here; anything else is left to jsonschema."""

    def test(value: Value) -> bool:
        if argument is False or not isinstance(value, tuple):
            return True
        return all(isinstance(item, str) for item in value) and len(set(value)) == len(value)

    return test


def _one_of(argument: object, _schema: Mapping[str, object], _compiler: _Compiler) -> Test:
    """Only texts and booleans, where equal and the same are one."""
    choices = argument if isinstance(argument, list) else [argument]
    allowed = {(choice.__class__, choice) for choice in choices if isinstance(choice, str | bool)}
    return lambda value: isinstance(value, str | bool) and (value.__class__, value) in allowed


def _pattern(argument: object, _schema: Mapping[str, object], _compiler: _Compiler) -> Test:
    search = re.compile(str(argument)).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _any(argument: object, _schema: Mapping[str, object], compiler: _Compiler) -> Test:
    tests = [compiler.compile(schema) for schema in _schemas(argument)]
    return lambda value: any(test(value) for test in tests)


def _exactly_one(argument: object, _schema: Mapping[str, object], compiler: _Compiler) -> Test:
    """A no of the others is only a no where nothing in them is unknown or approximate."""
    schemas = _schemas(argument)
    if _are_disjoint(schemas):
        return _any(argument, _schema, compiler)
    if not all(_is_exact(schema) for schema in schemas):
        return _never
    tests = [compiler.compile(schema) for schema in schemas]
    return lambda value: sum([test(value) for test in tests]) == 1


def _each(argument: object, _schema: Mapping[str, object], compiler: _Compiler) -> Test:
    return _all([compiler.compile(schema) for schema in _schemas(argument)])


def _schemas(argument: object) -> list[object]:
    return argument if isinstance(argument, list) else []


def _is_exact(schema: object) -> bool:
    """Whether our no to this schema is as good as jsonschema's."""
    if not isinstance(schema, Mapping):
        return isinstance(schema, bool)
    return EXACT.issuperset(schema) and "integer" not in str(schema.get("type", ""))


def _are_disjoint(schemas: list[object]) -> bool:
    """Whether no value can have the type of two of them."""
    types = [schema.get("type") if isinstance(schema, Mapping) else None for schema in schemas]
    if not all(isinstance(name, str) for name in types):
        return False
    return len(set(types)) == len(types) and not {"integer", "number"} <= set(types)


def _bound(
    holds: Callable[[float, float], bool], measure: Callable[[Value], float | None]
) -> Keyword:
    """A limit on what `measure` finds, where it finds anything."""

    def make(argument: object, _schema: Mapping[str, object], _compiler: _Compiler) -> Test:
        limit = argument if isinstance(argument, int | float) else 0

        def test(value: Value) -> bool:
            size = measure(value)
            return size is None or holds(size, limit)

        return test

    return make


def _number(value: Value) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _length(value: Value) -> float | None:
    return len(value) if isinstance(value, str) else None


def _count(value: Value) -> float | None:
    return len(value) if isinstance(value, tuple) else None


def _size(value: Value) -> float | None:
    return len(value) if isinstance(value, dict) else None


def _at_least(size: float, limit: float) -> bool:
    return size >= limit


def _at_most(size: float, limit: float) -> bool:
    return size <= limit


TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),  # 1.0 is an integer as well: jsonschema will say so
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (tuple,),
    "null": (type(None),),
}
SILENT = frozenset(
    {"$schema", "$id", "$defs", "$comment", "title", "description", "examples", "default"}
)
EXACT = SILENT | {"type", "required", "minProperties", "maxProperties", "pattern", "minLength"}
KEYWORDS: Mapping[str, Keyword] = {
    "$ref": lambda argument, _schema, compiler: compiler.reference(argument),
    "type": _type,
    "properties": _object,
    "additionalProperties": _object,
    "required": _required,
    "propertyNames": _names,
    "items": _items,
    "uniqueItems": _unique,
    "enum": _one_of,
    "const": _one_of,
    "pattern": _pattern,
    "anyOf": _any,
    "oneOf": _exactly_one,
    "allOf": _each,
    "minimum": _bound(_at_least, _number),
    "maximum": _bound(_at_most, _number),
    "minLength": _bound(_at_least, _length),
    "maxLength": _bound(_at_most, _length),
    "minItems": _bound(_at_least, _count),
    "maxItems": _bound(_at_most, _count),
    "minProperties": _bound(_at_least, _size),
    "maxProperties": _bound(_at_most, _size),
}
