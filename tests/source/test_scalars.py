from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.source.scalars import Ambiguous, plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("true", True), ("False", False),
        ("0", 0), ("-12", -12), ("1.5", 1.5), ("-0.25", -0.25), ("1.0", 1.0),
        ("plant-a", "plant-a"), ("1.2.3", "1.2.3"), ("-", "-"), (".", "."), ("1e", "1e"),
        ("2026-11-21", "2026-11-21"), ("1e999", "1e999"), ("9" * 5000, "9" * 5000),
    ],
)  # fmt: skip
def test_an_unquoted_word_means_what_the_core_schema_says(text: str, value: object) -> None:
    found = plain(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("No", "No"), ("on", "on"), ("y", "y"), ("010", "010"),
        ("1_000", "1_000"), (".inf", ".inf"), ("00.5", "00.5"), ("12:30", "12:30"),
        ("1.10", 1.1), ("1e3", 1000.0), ("+5", 5),
        ("0x1F", 31), ("0o17", 15), ("-0", 0), ("1.", 1.0),
    ],
)  # fmt: skip
def test_a_word_that_somebody_may_read_otherwise_is_marked(text: str, value: object) -> None:
    found = plain(text)
    assert isinstance(found, Ambiguous)
    assert found.value == value
    assert type(found.value) is type(value)


WORDS = st.text("0123456789.eE+-_:xoabfntrueysNO~", max_size=6)


@given(WORDS)
def test_what_is_not_marked_reads_the_same_in_yaml_1_1(word: str) -> None:
    """Held against PyYAML; dates are the one thing that it reads as more than text."""
    try:
        other = yaml.safe_load(word) if word.strip() == word else None
    except yaml.YAMLError:
        return
    found = plain(word)
    if isinstance(found, Ambiguous) or not isinstance(other, str | int | float | bool | None):
        return
    if isinstance(found, str) and isinstance(other, str):
        assert found == other or not other
    elif other is not None:
        assert found == other, word
