import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.edge import plain
from reconciler.edge.json_text import JsonError, Position, parse

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(JSON, st.sampled_from([None, 2, "\t"]))
def test_it_reads_what_json_writes(value: object, indent: int | str | None) -> None:
    assert parse(json.dumps(value, indent=indent)).value == plain(value)


@given(st.text(max_size=60))
def test_no_text_makes_it_crash(text: str) -> None:
    assert line_of_mistake(text) <= text.count("\n") + 1


def line_of_mistake(text: str) -> int:
    try:
        parse(text)
    except JsonError as error:
        return error.position.line
    return 0


def test_it_knows_where_things_stand() -> None:
    located = parse('{\n  "a": [1,\n    {"b": 2}]\n}')
    assert located.position(("a",)) == Position(2, 3)
    assert located.position(("a", "1", "b")) == Position(3, 6)


def test_what_is_not_there_stands_where_it_would() -> None:
    assert parse('{\n  "a": {}\n}').position(("a", "b", "c")) == Position(2, 3)


def test_comments_and_a_byte_order_mark_are_passed_over() -> None:
    assert parse('\ufeff// c\n{"a": /* x\n */ 1} // end').value == {"a": 1}


def test_a_bare_placeholder_is_read_as_text_and_noted() -> None:
    located = parse('{"ttl": ${TTL}}')
    assert located.value == {"ttl": "${TTL}"}
    assert located.unquoted == (("ttl",),)


@pytest.mark.parametrize(
    ("text", "line", "column", "word"),
    [
        ("", 1, 1, "missing"),
        ('{"a": 1,}', 1, 9, "comma"),
        ('{"a": 1\n "b": 2}', 2, 2, '","'),
        ('{"a": 1, "a": 2}', 1, 10, "twice"),
        ("{'a': 1}", 1, 2, "double quotes"),
        ("{\"a\": 'x'}", 1, 7, "double quotes"),
        ('{"a": "x\ny"}', 1, 7, "end on its line"),
        ('{"a": "\\q"}', 1, 7, "escape"),
        ('{"a": "\\ud800"}', 1, 7, "escape"),
        ('{"a": 1} x', 1, 10, "behind the end"),
        ('{"a" 1}', 1, 6, '":"'),
        ("[" * 3000, 1, 102, "deep"),
        ('{"a": NaN}', 1, 7, "missing"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, line: int, column: int, word: str) -> None:
    with pytest.raises(JsonError) as caught:
        parse(text)
    assert caught.value.position == Position(line, column)
    assert word in f"{caught.value} {caught.value.hint}"
