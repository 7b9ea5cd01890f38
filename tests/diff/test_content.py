"""What differs between two documents, field by field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff.content import content_changes, leaves
from reconciler.model import Spec, Value, canonical

SCALARS = st.booleans() | st.integers(0, 3) | st.sampled_from(["", "x", "y"])
SPECS: st.SearchStrategy[Spec] = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=4).map(tuple)
            | st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3)
        ),
        max_leaves=6,
    ),
    max_size=3,
)


def differences(before: Spec, after: Spec) -> list[tuple[str, Value, Value]]:
    return [(".".join(c.path), c.before, c.after) for c in content_changes(before, after)]


def test_changed_added_and_removed_fields_are_told_apart() -> None:
    assert differences({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9, "c": 2}, "e": 4}) == [
        ("a.b", 1, 9),
        ("d", 3, None),
        ("e", None, 4),
    ]


def test_what_came_as_a_whole_is_taken_apart() -> None:
    after: Spec = {"modules": {"app": {"image": "x:1", "env": {}, "ports": (1, 2)}}}
    assert differences({"modules": {}}, after) == [
        ("modules.app.env", None, {}),
        ("modules.app.image", None, "x:1"),
        ("modules.app.ports.0", None, 1),
        ("modules.app.ports.1", None, 2),
    ]


def test_what_went_as_a_whole_is_taken_apart() -> None:
    assert differences({"a": {"b": 1, "c": (2,)}}, {}) == [("a.b", 1, None), ("a.c.0", 2, None)]


def test_an_element_that_came_into_a_list_does_not_change_the_others() -> None:
    assert differences({"binds": ("a", "c")}, {"binds": ("a", "b", "c")}) == [
        ("binds.1", None, "b")
    ]


def test_a_field_that_left_and_one_that_came_may_share_a_place() -> None:
    before, after = ("a", "b", "c", "d"), ("x", "a", "y", "b", "d")
    found = differences({"l": before}, {"l": after})
    assert {v for _, v, _ in found} - {None} == {"c"}
    assert {v for _, _, v in found} - {None} == {"x", "y"}


def test_a_whole_float_is_the_integer_and_true_is_not_one() -> None:
    assert differences({"a": 1.0, "b": 1}, {"a": 1, "b": True}) == [("b", 1, True)]


@pytest.mark.parametrize(
    ("value", "count"),
    [({}, 1), ({"a": 1, "b": {"c": 2, "d": ()}}, 3), ((1, (2, 3)), 3), (None, 1)],
)
def test_fields_are_counted_at_the_bottom(value: Value, count: int) -> None:
    assert leaves(value) == count


@given(SPECS)
def test_a_document_does_not_differ_from_itself(spec: Spec) -> None:
    assert content_changes(spec, spec) == ()


@given(SPECS, SPECS)
def test_documents_that_differ_show_it_both_ways(before: Spec, after: Spec) -> None:
    there, back = content_changes(before, after), content_changes(after, before)
    assert bool(there) == bool(back) == (canonical(before) != canonical(after))
