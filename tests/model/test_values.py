"""Canonical data, digests and secrets."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import (
    MASK,
    Diagnostic,
    FieldPath,
    FieldRule,
    Kind,
    Origin,
    ResourceId,
    Secret,
    Severity,
    Spec,
    Value,
    canonical,
    digest,
    errors,
    replaced,
    short,
)

KIND = Kind(
    "Thing",
    rules={
        ("a",): FieldRule.CONTENT,
        ("a", "b"): FieldRule.IGNORE,
        ("a", "b", "c"): FieldRule.HIDDEN,
    },
)

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
VALUES: st.SearchStrategy[Value] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        (("a",), FieldRule.CONTENT),
        (("a", "x", "y"), FieldRule.CONTENT),
        (("a", "b", "x"), FieldRule.IGNORE),
        (("a", "b", "c"), FieldRule.HIDDEN),
        (("x",), FieldRule.UPDATE),
    ],
)
def test_the_longest_rule_wins(path: FieldPath, rule: FieldRule) -> None:
    assert KIND.rule(path) is rule


def test_the_order_of_keys_is_not_content() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_a_whole_float_is_the_integer() -> None:
    assert digest({"a": (1.0, True)}) == digest({"a": (1, True)})


@pytest.mark.parametrize("other", [True, "1", 1.5, (1,), None])
def test_different_values_have_different_digests(other: Value) -> None:
    assert digest(1) != digest(other)


@given(VALUES)
def test_canonical_text_is_json_that_means_the_same(value: Value) -> None:
    assert json.loads(canonical(value)) == json.loads(json.dumps(value))


def test_a_digest_is_versioned_and_its_short_form_is_not() -> None:
    full = digest({})
    assert full == "v1:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert short(full) == "44136fa3"


def test_replacing_goes_into_lists_and_leaves_the_rest_alone() -> None:
    spec: Spec = {"a": ({"b": 1}, 2), "c": {"d": 3}}
    assert replaced(spec, {("a", "0", "b"): 9, ("c", "d"): 8, ("not", "there"): 7}) == {
        "a": ({"b": 9}, 2),
        "c": {"d": 8},
    }
    assert spec == {"a": ({"b": 1}, 2), "c": {"d": 3}}


def test_a_secret_is_not_printed() -> None:
    secret = Secret("hunter2")
    assert f"{secret} {secret!r} {[secret]}" == f"{MASK} {MASK} [{MASK}]"
    assert secret.reveal() == "hunter2"


def test_a_secret_is_not_written() -> None:
    with pytest.raises(TypeError):
        json.dumps({"password": Secret("hunter2")})
    with pytest.raises(TypeError, match="not written anywhere"):
        pickle.dumps(Secret("hunter2"))
    with pytest.raises(TypeError, match="not written anywhere"):
        copy.copy(Secret("hunter2"))


def test_secrets_are_compared_by_their_text() -> None:
    assert Secret("a") == Secret("a")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"


def test_a_diagnostic_says_where_what_and_what_to_do() -> None:
    problem = Diagnostic(
        Severity.ERROR,
        "ref.missing",
        "is gone",
        "add it",
        ResourceId("Image", "x"),
        Origin("x.yaml", 3, 5),
    )
    assert str(problem) == "x.yaml:3:5: error[ref.missing] Image/x: is gone\n  hint: add it"
    assert str(Diagnostic(Severity.WARNING, "odd", "is odd")) == "warning[odd] is odd"


def test_only_errors_stop_a_plan() -> None:
    error, warning = (Diagnostic(severity, "code", "text") for severity in Severity)
    assert errors([warning, error]) == (error,)
