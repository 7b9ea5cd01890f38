"""The proof itself: it counts, and it notices."""

from dataclasses import replace

import pytest

from reconciler.edge.effects import Effects
from reconciler.edge.layering import Effective, RemovedLayer
from reconciler.plan.impact import EffectiveChange, Impact
from tests.prove.agreement import differences
from tests.prove.deeds import Agent, Deed, Deeds, Moment
from tests.prove.prediction import SAMPLE, proved

BEFORE = Moment({"d": Agent(("base-1",), frozenset(), {})}, {}, {}, {}, {"base-1": "base"}, {}, 0)
AFTER = replace(
    BEFORE,
    agents={"d": Agent(("base-2",), frozenset(), {"a": True})},
    names={"base-2": "base"},
)
DONE = Deeds(BEFORE, AFTER, {"d": Deed(("base-1",), ("base (new)",), appears=("a",))})
OLD, NEW = Effective("base-1"), Effective("base (new)")
TOLD = Impact(1, (EffectiveChange(1, "d", OLD, NEW, Effects(appears=("a",))),))


@pytest.mark.parametrize("reading", RemovedLayer)
def test_devices_do_what_plans_tell(reading: RemovedLayer) -> None:
    verdict = proved(reading, SAMPLE)
    assert verdict.tried == SAMPLE
    assert verdict.violations == ()


def test_what_was_told_and_done_alike_is_no_violation() -> None:
    assert list(differences(TOLD, DONE)) == []


@pytest.mark.parametrize(
    "told",
    [
        replace(TOLD, changes=()),
        replace(TOLD, of=2),
        replace(TOLD, gains=1),
        replace(TOLD, changes=(replace(TOLD.changes[0], devices=2),)),
        replace(TOLD, changes=(replace(TOLD.changes[0], example="e"),)),
        replace(TOLD, changes=(replace(TOLD.changes[0], effects=Effects(restarts=("a",))),)),
    ],
)
def test_whatever_is_told_otherwise_is_noticed(told: Impact) -> None:
    assert list(differences(told, DONE))
