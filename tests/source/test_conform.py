"""The fast test of a schema against jsonschema, which is right by definition."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reconciler.app.fleet import DOCUMENTS
from reconciler.registry import SCHEMAS
from reconciler.source.conform import compile_schema
from tests.source.test_documents import frozen

WRITTEN = {name.lower() for name in DOCUMENTS}
"""Documents that we write; only those that people write must be told apart fast."""
DEFINITIONS = {
    path.name.partition(".")[0]: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(SCHEMAS.glob("*.schema.json"))
    if path.name.partition(".")[0] not in WRITTEN
}
NAMES = sorted(DEFINITIONS)
STRANGE: tuple[object, ...] = (
    None, True, False, 0, 1, 1.0, -1, 1.5, 10**6, "", "x", "A b", "a/b:1", "${x}", [], ["x"],
    ["x", "x"], [1, 1.0], {}, {"x": 1}, {"reference": "x"}, {"env": "A"}, [{}],
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_schema_take_the_fast_way(name: str) -> None:
    conforms = compile_schema(DEFINITIONS[name])
    assert all(conforms(frozen(example)) for example in DEFINITIONS[name]["examples"])


@given(st.sampled_from(NAMES), st.data())
def test_our_schemas_are_understood_as_jsonschema_does(name: str, data: st.DataObject) -> None:
    """Examples with some places replaced, removed or added to. A whole number with a point may
    get a no, for jsonschema to look at.
    """
    definition = DEFINITIONS[name]
    document = copy.deepcopy(data.draw(st.sampled_from(definition["examples"])))
    for _ in range(data.draw(st.integers(0, 3))):
        mutate(document, data)
    fits = Draft202012Validator(definition).is_valid(document)
    whole = any(isinstance(leaf, float) and leaf == int(leaf) for leaf in leaves(document))
    said = compile_schema(definition)(frozen(document))
    assert said == fits or (fits and whole)


SMALL = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "integer", "number", "boolean", "array", "object"]),
        "minimum": st.integers(-1, 1),
        "minLength": st.integers(0, 2),
        "maxItems": st.integers(0, 2),
        "uniqueItems": st.booleans(),
        "enum": st.lists(st.sampled_from(["x", "", True, False, 1]), min_size=1, max_size=2),
        "const": st.sampled_from(["x", True, 0]),
        "pattern": st.sampled_from(["x", "^$"]),
        "required": st.just(["x"]),
        "oneOf": st.lists(
            st.sampled_from([{"type": "string"}, {"type": "integer"}, {"type": "number"}, {}]),
            min_size=1,
            max_size=3,
        ),
        "anyOf": st.just([{"type": "string"}, {"minProperties": 1}]),
        "not": st.just({"type": "string"}),
        "items": st.sampled_from([{"type": "string"}, True, False]),
        "properties": st.just({"x": {"type": "integer"}}),
        "additionalProperties": st.sampled_from([True, False, {"type": "string"}]),
        "propertyNames": st.just({"pattern": "^x$"}),
        "if": st.just({"type": "string"}),
    },
)


@given(SMALL, st.sampled_from(STRANGE))
def test_no_schema_gets_a_yes_that_jsonschema_would_not_give(
    schema: dict[str, object], value: object
) -> None:
    if compile_schema(schema)(frozen(value)):
        assert Draft202012Validator(schema).is_valid(value)


def test_a_keyword_that_is_not_known_never_gets_a_yes() -> None:
    assert not compile_schema({"contains": {}})(("x",))


def mutate(document: object, data: st.DataObject) -> None:
    """Change one place somewhere in a document."""
    places = list(containers(document))
    place = data.draw(st.sampled_from(places))
    value = copy.deepcopy(data.draw(st.sampled_from(STRANGE)))
    if isinstance(place, list):
        place.append(value)
        return
    keys = [*sorted(place), "x", "name", "labels", "tags", "metrics"]
    key = data.draw(st.sampled_from(keys))
    if key in place and data.draw(st.booleans()):
        del place[key]
    else:
        place[key] = value


def containers(value: object) -> Iterator[dict[str, object] | list[object]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from containers(inner)
    elif isinstance(value, list):
        yield value
        for inner in value:
            yield from containers(inner)


def leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value
