"""The proof itself: it counts, and it notices."""

from reconciler.edge.twin import Twin
from tests.prove.conditions import Tally, run


def test_no_condition_is_read_otherwise_than_by_the_service() -> None:
    tally = run(full=False)
    assert tally.tried >= 20_000
    assert tally.violations == []


def test_a_difference_is_a_violation() -> None:
    tally = Tally()
    tally.add("tags.a = 1", [Twin("x", tags={"a": 1}), Twin("y", tags={"a": "1"})], {"y"})
    assert str(tally) == "tried=2 violations=2"
