import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.edge import OptionsError, parsed, plain
from reconciler.edge.create_options import CHUNK, chunked, joined
from reconciler.model import canonical, mapping

OPTIONS = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=300),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
        max_leaves=12,
    ),
    max_size=6,
)


@given(OPTIONS)
def test_options_survive_being_cut_and_put_together(options: dict[str, object]) -> None:
    pieces = chunked(plain(options))
    assert all(len(str(piece)) <= CHUNK for piece in pieces.values())
    assert parsed(joined(pieces)) == parsed(plain(options))


@given(OPTIONS)
def test_text_and_object_are_the_same_options(options: dict[str, object]) -> None:
    assert parsed(json.dumps(options, indent=3)) == parsed(plain(options))


def test_pieces_are_numbered_as_the_agent_reads_them() -> None:
    pieces = chunked({"Env": ("x" * 1200,)})
    assert list(pieces) == ["createOptions", "createOptions01", "createOptions02"]


def test_the_order_of_pieces_in_the_file_does_not_matter() -> None:
    assert joined({"createOptions01": '":1}', "createOptions": '{"A'}) == '{"A":1}'


def test_a_missing_piece_is_refused() -> None:
    with pytest.raises(OptionsError, match="createOptions02 stands without createOptions01"):
        joined({"createOptions": "{", "createOptions02": "}"})


def test_a_list_is_no_options() -> None:
    with pytest.raises(OptionsError, match="must be a JSON object"):
        parsed("[1, 2]")


def test_text_that_is_no_json_is_refused_with_the_place() -> None:
    with pytest.raises(OptionsError, match="at character 7"):
        parsed('{"A": }')


@pytest.mark.parametrize("depth", [60, 300, 490, 700, 5000])
def test_options_that_are_nested_too_deep_are_refused(depth: int) -> None:
    with pytest.raises(OptionsError, match="nested too deep"):
        parsed(f'{{"a":{"[" * depth}{"]" * depth}}}')


def test_empty_text_is_no_options() -> None:
    assert parsed(" ") == {}


def test_whole_numbers_have_one_spelling() -> None:
    assert canonical(mapping(parsed('{"Memory": 1.0}'))["Memory"]) == "1"
