import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.edge.condition import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Defined,
    EveryDevice,
    Field,
    Not,
    printed,
)
from reconciler.edge.condition_text import BYTES, ConditionError, parse

KEYS = st.text("abcXYZ_019-", min_size=1, max_size=6)
FIELDS = st.one_of(
    st.just(Field(("deviceId",))),
    st.lists(KEYS, min_size=1, max_size=3).map(lambda keys: Field(("tags", *keys))),
    st.lists(KEYS, min_size=1, max_size=2).map(lambda k: Field(("properties", "reported", *k))),
)
VALUES = st.one_of(
    st.booleans(), st.integers(-999, 999), st.text(" aB'-:.+%_#*?!(),=@;$", max_size=9)
)
COMPARISONS = st.builds(Compare, FIELDS, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), VALUES)
LEAVES = st.one_of(COMPARISONS, st.builds(Defined, FIELDS))


def joined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    terms = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, inner), st.builds(AllOf, terms), st.builds(AnyOf, terms))


@given(st.recursive(LEAVES, joined, max_leaves=8))
def test_printing_is_stable(condition: Condition) -> None:
    once = printed(parse(printed(condition)))
    assert printed(parse(once)) == once


@given(st.text(max_size=40))
def test_no_text_makes_the_reader_crash(text: str) -> None:
    assert 0 <= place_of_mistake(text) <= max(len(text) + 1, BYTES)


def place_of_mistake(text: str) -> int:
    try:
        parse(text)
    except ConditionError as error:
        return error.position
    return 0


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("tags.a='x'", "tags.a = 'x'"),
        ("tags.env='a' or tags.iiot=true", "(tags.env = 'a' OR tags.iiot = true)"),
        ("not (tags.a.b <> 2)", "NOT (tags.a.b != 2)"),
        ("5 < tags.floor", "tags.floor > 5"),
        ("deviceId = 'it''s'", "deviceId = 'it''s'"),
        ("tags.[[a b]].c = 1.5", "tags.[[a b]].c = 1.5"),
        ("is_defined(tags.x) AND tags.y = 1", "IS_DEFINED(tags.x) AND tags.y = 1"),
        ("tags.a=1 AND tags.b=2 OR tags.c=3", "(tags.a = 1 AND tags.b = 2 OR tags.c = 3)"),
        (" * ", "*"),
        ("tags.[[group]] = 1", "tags.[[group]] = 1"),
        ("tags.count = 1", "tags.[[count]] = 1"),
        ("tags.a = 123456789.0", "tags.a = 123456789"),
        ("tags.a = 1e-7", "tags.a = 1e-07"),
        ("tags.[[plant-a]] = -2", "tags.[[plant-a]] = -2"),
    ],
)
def test_equal_conditions_have_one_spelling(text: str, canonical: str) -> None:
    assert printed(parse(text)) == canonical


def test_everything_is_not_a_condition_on_a_field() -> None:
    assert parse("*") == EveryDevice()


@pytest.mark.parametrize(
    ("text", "position", "word"),
    [
        ("", 1, "empty"),
        ('tags.a = "x"', 10, "single quotes"),
        ("tags.a = 'x", 10, "closing quote"),
        ("tags.a IN ['x']", 8, "IN"),
        ("tags.a = x", 10, "single quotes"),
        ("tags.a = 1 AND", 15, "tags"),
        ("(tags.a = 1", 12, "expected"),
        ("tags.a = 1)", 11, "expected"),
        ("capabilities.iotEdge = true", 1, "deviceId"),
        ("deviceid = 'x'", 1, "spelt"),
        ("properties.desired.x = 1", 1, "reported"),
        ("tags.a", 7, "comparison"),
        ("tags = 1", 1, "tags.<key>"),
        ("ABS(tags.a) = 1", 1, "function"),
        ("tags.a = 1 # x", 12, "cannot stand here"),
        ("tags.group = 1", 6, "[[group]]"),
        ("tags.plant-a = 1", 6, "[[plant-a]]"),
        ("tags.a.1st = 1", 8, "[[1st]]"),
        ("STARTSWITH(tags.a, 'x')", 1, "IS_DEFINED"),
        ("tags.a = 'x\\y'", 12, "plainer"),
        ("tags.a = 'x\"y'", 12, "plainer"),
        ("tags.a = 1e999", 10, "too large"),
        ("tags.a != null", 11, "NOT IS_DEFINED"),
        ("tags.[[a b = 1", 6, "ends with ]]"),
        ("tags.a = '[[' AND tags.[[b] = 1", 24, "[[ has no end"),
        ("tags.[[]] = 1", 6, "not empty"),
        ("tags.a == 1", 9, "one sign"),
        ("tags.a = 1 && tags.b = 2", 12, "write AND"),
        ("tags.a LIKE 'x%'", 8, "whole values"),
        ("tags.a = \u2018x\u2019", 10, "straight quotes"),
        ("tags.a = 'x' tags.b = 1", 14, "AND or OR"),
        ("SELECT * FROM devices WHERE tags.a = 1", 1, "behind WHERE"),
        ("AND tags.a = 1", 1, "missing before"),
        ("* AND tags.a = 1", 1, "stands alone"),
        ("deviceId IN ['a']", 10, "matchTags with a list"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, position: int, word: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert caught.value.position == position
    assert word in f"{caught.value} {caught.value.hint}"


def test_a_condition_longer_than_the_hub_takes_is_refused() -> None:
    with pytest.raises(ConditionError, match="it has 8203 bytes, and the hub takes 8192"):
        parse(f"tags.a = '{'x' * BYTES}'")


def test_parentheses_without_end_are_refused() -> None:
    with pytest.raises(ConditionError, match="nested too deep"):
        parse("(" * 5000)
