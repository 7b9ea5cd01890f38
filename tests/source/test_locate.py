from __future__ import annotations

from collections.abc import Iterator

import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.source.locate import Locator

TEXT = """\
# a fleet
first: 1
---
metadata: {name: a}
spec:
  modules:
    app:
      image: "detector"
  list:
    - x
    - y: z
  base: &base {deep: 1}
  other:
    <<: *base
---
spec: {}
"""


def at(line: int, *path: str, near: str = "") -> str:
    return str(Locator("f", TEXT).origin(line, path, near))


def test_a_single_value_stands_where_it_is_written() -> None:
    assert at(4, "metadata", "name") == "f:4:18"
    assert at(4, "spec", "modules", "app", "image") == "f:8:14"


def test_a_mapping_stands_where_its_key_is_written() -> None:
    assert at(4, "spec", "modules", "app") == "f:7:5"


def test_an_item_of_a_list_is_found_by_its_number() -> None:
    assert at(4, "spec", "list", "0") == "f:10:7"
    assert at(4, "spec", "list", "1", "y") == "f:11:10"


def test_what_came_in_by_a_merge_key_is_found_where_it_was_written() -> None:
    assert at(4, "spec", "other", "deep") == "f:12:22"


def test_a_field_that_is_not_there_leads_to_what_should_hold_it() -> None:
    assert at(4, "spec", "modules", "web", "image") == "f:6:3"
    assert at(4, "spec", "list", "7") == "f:9:3"


def test_a_field_that_was_renamed_is_found_by_what_it_holds() -> None:
    assert at(4, "spec", "modules", "app", "picture", near="detector") == "f:8:14"


def test_the_first_document_can_be_asked_for_without_its_line() -> None:
    assert at(0, "first") == "f:2:8"


def test_a_document_that_is_not_there_leads_to_its_line() -> None:
    assert at(12, "spec") == "f:12"


WORDS = st.text("abcdef", min_size=1, max_size=3)


@st.composite
def nested(draw: st.DrawFn) -> object:
    """Data whose every leaf is another text."""
    numbers = iter(range(1000))
    shape = draw(
        st.recursive(
            st.just(None),
            lambda inner: (
                st.lists(inner, min_size=1, max_size=3)
                | st.dictionaries(WORDS, inner, min_size=1, max_size=3)
            ),
            max_leaves=10,
        )
    )
    return _named(shape, numbers)


@given(nested(), st.sampled_from(["flow", "block"]))
def test_every_leaf_is_found(data: object, style: str) -> None:
    text = "# above\n---\n" + yaml.safe_dump({"spec": data}, default_flow_style=style == "flow")
    locator, lines = Locator("f", text), text.split("\n")
    for path, leaf in _leaves({"spec": data}, ()):
        origin = locator.origin(3, path)
        assert lines[origin.line - 1][origin.column - 1 :].startswith(leaf)


def _named(shape: object, numbers: Iterator[int]) -> object:
    if isinstance(shape, dict):
        return {key: _named(inner, numbers) for key, inner in shape.items()}
    if isinstance(shape, list):
        return [_named(inner, numbers) for inner in shape]
    return f"leaf{next(numbers)}"


def _leaves(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, str(index)))
    else:
        yield path, str(value)
