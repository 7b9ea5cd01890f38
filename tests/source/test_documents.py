from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Value
from reconciler.source.compose import Note
from reconciler.source.documents import LARGEST, Document, parse
from reconciler.source.scalars import plain


def documents(content: str | bytes) -> list[Document]:
    return [found for found in _parsed(content) if isinstance(found, Document)]


def notes(content: str | bytes) -> list[str]:
    found = [note for note in _parsed(content) if isinstance(note, Note)]
    return [f"{note.line + 1}:{note.column + 1} {note.code}" for note in found]


def _parsed(content: str | bytes) -> list[Document | Note]:
    return list(parse("a.yaml", content.encode() if isinstance(content, str) else content))


def test_each_document_knows_the_line_where_it_starts() -> None:
    found = documents("# a comment\na: 1\n---\n\nb: 2\n...\n# more\n---\n\n--- {c: 3}\n")
    assert [(document.line, document.data) for document in found] == [
        (2, {"a": 1}),
        (5, {"b": 2}),
        (10, {"c": 3}),
    ]


def test_nothing_between_two_markers_is_no_document() -> None:
    assert _parsed("---\n---\n# nothing\n---\n...\n") == []


def test_lists_become_tuples() -> None:
    (document,) = documents("a: [1, [x], {b: []}]")
    assert document.data == {"a": (1, ("x",), {"b": ()})}


def test_a_directive_is_passed_over() -> None:
    found = documents("%YAML 1.2\n---\na: 1\n...\n%TAG ! tag:example.com,2000:\n---\nb: 2\n")
    assert [document.data for document in found] == [{"a": 1}, {"b": 2}]


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    (document,) = documents(b"\xef\xbb\xbf# x\r\na: 1\r\nb: |\r\n  text\r\n")
    assert (document.line, document.data) == (2, {"a": 1, "b": "text\n"})


def test_a_marker_inside_a_text_that_is_indented_is_text() -> None:
    (document,) = documents("a: |\n  ---\n  b\n")
    assert document.data == {"a": "---\nb\n"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: 1\nb: \xff\n", ["2:4 yaml.encoding"]),
        ("a: 1\nb: \x07\n", ["2:4 yaml.character"]),
        ("a: *x\n", ["1:4 yaml.syntax"]),
        ("a: &a [*a]\n", ["1:4 yaml.large"]),
        ("{}\n---\ntext\n", ["3:1 yaml.mapping"]),
        ("a: !!int x\n", ["1:4 yaml.tag"]),
        ("a: !!set {b}\n", ["1:4 yaml.tag"]),
        ("<<: 1\n", ["1:5 yaml.merge"]),
        ("? [a]\n: b\n", ["1:3 yaml.key"]),
        ("true: 1\n", ["1:1 yaml.key"]),
        ("a: '" + "x" * LARGEST + "'\n", ["1:1 yaml.large"]),
    ],
)
def test_what_cannot_be_used_is_said_with_its_place(content: str | bytes, said: list[str]) -> None:
    assert notes(content) == said


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused_before_it_overflows_the_stack(opening: str) -> None:
    (said,) = notes(opening * 100_000)
    assert said.endswith("yaml.deep")


def test_the_place_of_a_key_that_is_repeated_counts_from_the_top_of_the_file() -> None:
    (note,) = (found for found in _parsed("a: 1\n---\nb: 1\nb: 2\n") if isinstance(found, Note))
    assert note.summary == '"b" is written twice in one mapping, first at line 3, column 1'


def test_explicit_tags_of_plain_values_are_kept() -> None:
    (document,) = documents("a: !!str 1.10\nb: !!int 3\nc: !!float 1.5\nd: !!bool true\n")
    assert document.data == {"a": "1.10", "b": 3, "c": 1.5, "d": True}


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20).filter(
    # PyYAML leaves the quotes away where YAML 1.1 would not read a number: `0E0`.
    lambda text: isinstance(plain(text), str)
)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS
DATA = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


STYLES = st.sampled_from(["flow", "block"])


@given(st.lists(st.dictionaries(TEXTS, DATA, max_size=4), min_size=1, max_size=3), STYLES)
def test_data_written_in_any_style_is_read_as_it_was(
    written: list[dict[str, object]], style: str
) -> None:
    text = yaml.safe_dump_all(written, default_flow_style=style == "flow", allow_unicode=True)
    assert [document.data for document in documents(text)] == [frozen(data) for data in written]


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="replace"))
)
def test_no_bytes_make_the_reader_raise(content: bytes) -> None:
    for found in _parsed(content):
        assert isinstance(found, Document | Note)


def frozen(value: object) -> Value:
    if isinstance(value, dict):
        return {key: frozen(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return tuple(frozen(item) for item in value)
    assert value is None or isinstance(value, bool | int | float | str)
    return value
