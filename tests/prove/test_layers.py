"""The proof itself: it counts, and it notices."""

import sqlite3
from contextlib import closing

import pytest

from reconciler.edge.layering import RemovedLayer
from reconciler.emulator.hub import seeding
from reconciler.emulator.hub.schema import SCHEMA
from reconciler.model import mapping
from tests.edge.manifests import base, module
from tests.prove.layers import START, TWINS, Fleet, Step, run


def test_devices_take_what_was_predicted() -> None:
    tally = run(full=False)
    assert tally.tried > 0
    assert tally.violations == []


@pytest.mark.parametrize(("reading", "left"), [("MODULES_GO", set()), ("MODULES_STAY", {"b"})])
def test_a_layer_that_goes_is_read_in_both_ways(reading: str, left: set[str]) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        db.executescript(SCHEMA)
        seeding.seed(db, [{"deviceId": twin.device} for twin in TWINS], "hub", START)
        fleet = Fleet(db, RemovedLayer[reading])
        fleet.take(Step("one", "*", 1, base()))
        layer = Step("two", "*", 2, {"$edgeAgent": {"properties.desired.modules.b": module()}})
        fleet.take(layer)
        fleet.take(layer)
        found = list(fleet.differences())
    assert found == [""] * len(TWINS)
    assert set(mapping(fleet.twins["d0", "$edgeAgent"]["modules"])) == left


def test_a_prediction_of_something_else_is_noticed() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        db.executescript(SCHEMA)
        seeding.seed(db, [{"deviceId": twin.device} for twin in TWINS], "hub", START)
        fleet = Fleet(db, RemovedLayer.MODULES_GO)
        fleet.take(Step("one", "*", 1, base(a=module())))
        fleet.twins["d0", "$edgeAgent"] = {}
        found = list(fleet.differences())
    assert [bool(text) for text in found] == [True, False, False, False, False]
