"""The proof itself: it counts, and it notices."""

import sqlite3
from contextlib import closing

from reconciler.edge.layering import RemovedLayer
from reconciler.emulator.hub import seeding
from reconciler.emulator.hub.schema import SCHEMA
from tests.edge.manifests import base, module
from tests.prove.layers import START, TWINS, Fleet, Step, run


def test_devices_take_what_was_predicted() -> None:
    tally = run(full=False)
    assert tally.tried > 0
    assert tally.violations == []


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
