from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Value
from reconciler.source.variables import Substitution

VARIABLES: dict[str, Value] = {"site": "plant-a", "line": 2, "fast": True, "share": 0.5}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("in ${site}", "in plant-a"),
        ("${site}-${line}", "plant-a-2"),
        ("${line}", 2),
        ("${fast}", True),
        ("${share}", 0.5),
        ("${fast}!", "true!"),
        ("$${site}", "${site}"),
        ("$${${line}", "${2"),
        ("$site {site} $", "$site {site} $"),
    ],
)
def test_a_variable_alone_keeps_its_type_and_is_text_inside_text(text: str, value: Value) -> None:
    substitution = Substitution(VARIABLES)
    found = substitution.apply({"a": (text,)}, ())
    assert found == {"a": (value,)}
    assert substitution.faults == []


@pytest.mark.parametrize(
    "text", ["${sit}", "x ${sit}", "${}", "${site", "${ site }", "a ${site\n}"]
)
def test_what_is_no_variable_is_a_fault_at_its_field(text: str) -> None:
    substitution = Substitution(VARIABLES)
    substitution.apply({"a": ("x", text)}, ("spec",))
    assert [fault.path for fault in substitution.faults] == [("spec", "a", "1")]


def test_keys_are_not_substituted() -> None:
    assert Substitution(VARIABLES).apply({"${site}": "x"}, ()) == {"${site}": "x"}


@given(st.text("ab${}", max_size=12))
def test_an_escaped_text_comes_out_as_it_was(text: str) -> None:
    escaped = text.replace("${", "$${")
    substitution = Substitution({})
    if "$$" not in text:
        assert substitution.apply(escaped, ()) == text
        assert substitution.faults == []
