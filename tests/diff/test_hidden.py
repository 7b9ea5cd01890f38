"""Fields that are compared and never printed."""

from __future__ import annotations

from reconciler.diff import Change, Intent, diff
from reconciler.model import (
    ActualState,
    DesiredState,
    FieldRule,
    Kind,
    Observed,
    Resource,
    ResourceId,
    Spec,
)
from tests.fleets import COMMIT, lines

LOCK = ResourceId("Lock", "door")
KIND = Kind("Lock", {("codes",): FieldRule.HIDDEN, ("codes", "label"): FieldRule.UPDATE})


def change(before: Spec, after: Spec) -> Change:
    desired = DesiredState.of(COMMIT, [Resource(LOCK, after)])
    actual = ActualState("memory", {LOCK: Observed(LOCK, before, owned=True)})
    [found] = diff(desired, actual, {"Lock": KIND}, Intent())
    return found


def test_a_hidden_field_is_compared() -> None:
    found = change({"codes": {"front": "1"}}, {"codes": {"front": "2"}})
    assert lines([found]) == ["UPDATE Lock/door CHANGED codes.front"]
    assert found.fields[0].rule is FieldRule.HIDDEN


def test_hidden_fields_of_both_sides_are_named_for_the_printers() -> None:
    found = change(
        {"codes": {"back": "1", "label": "b"}, "color": "red"},
        {"codes": {"front": "2", "label": "f"}, "color": "red"},
    )
    assert found.hidden == (("codes", "back"), ("codes", "front"))


def test_the_longest_rule_shows_a_field_within_a_hidden_one() -> None:
    assert change({}, {"codes": {"label": "x"}}).hidden == ()
