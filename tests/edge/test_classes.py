from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from reconciler.edge.classes import DeviceClass, folded
from reconciler.edge.condition import Condition, Field
from reconciler.edge.condition_text import parse
from reconciler.edge.evaluation import matches
from reconciler.edge.twin import Twin
from tests.prove.conditions import CONDITIONS, TWINS


@given(st.lists(TWINS, max_size=20), st.lists(CONDITIONS, max_size=4))
def test_folding_says_what_asking_each_device_does(
    twins: list[Twin], conditions: list[Condition]
) -> None:
    asked = Counter(
        frozenset(at for at, each in enumerate(conditions) if matches(each, twin))
        for twin in twins
        if twin.edge
    )
    found = folded(twins, conditions)
    assert {each.matched: each.devices for each in found.classes} == asked
    assert found.devices + found.leaves == len(twins)


def test_devices_that_match_the_same_are_one_class() -> None:
    twins = [Twin(f"d{at}", tags={"line": at, "site": "x"}) for at in range(100)]
    conditions = [parse("tags.line >= 90"), parse("tags.site = 'x'"), parse("tags.site = 'y'")]
    found = folded(twins, conditions)
    assert found.classes == (
        DeviceClass(frozenset({1}), 90, "d0"),
        DeviceClass(frozenset({0, 1}), 10, "d90"),
    )
    assert [found.matching(at) for at in range(3)] == [10, 100, 0]


def test_a_truth_value_is_not_taken_for_a_number() -> None:
    twins = [Twin("a", tags={"x": True}), Twin("b", tags={"x": 1}), Twin("c", tags={"x": "1"})]
    found = folded(twins, [parse("tags.x = 1"), parse("tags.x = true")])
    assert {each.example: set(each.matched) for each in found.classes} == {
        "a": {1},
        "b": {0},
        "c": set(),
    }
    assert found.seen[Field(("tags", "x"))] == {
        "text": 1,
        "number": 1,
        "true or false": 1,
    }


def test_devices_without_iot_edge_are_counted_apart() -> None:
    found = folded([Twin("a", edge=False), Twin("b")], [parse("*")])
    assert (found.devices, found.leaves) == (1, 1)


def test_a_fleet_can_be_folded_over_more_values_than_are_remembered() -> None:
    twins = (Twin(f"d{at}", tags={"n": at}) for at in range(12_000))
    found = folded(twins, [parse("deviceId < 'd5'"), parse("tags.n > 11000")])
    assert found.devices == 12_000
    assert found.matching(1) == 999
