"""Waiting in turn, on a clock that only the waiting moves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from reconciler.providers.azure.fault import FaultError
from reconciler.providers.azure.limiter import Limiter, Operations
from reconciler.providers.azure.patience import Patience

CONFIGURATIONS = Operations.CONFIGURATIONS


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def limiter(self, units: int, deadline: float = float("inf")) -> Limiter:
        return Limiter(Patience(lambda: self.now, self.sleep, deadline=deadline), units)

    def taken(self, limiter: Limiter, calls: int, operations: Operations = CONFIGURATIONS) -> float:
        began = self.now
        for _ in range(calls):
            limiter.turn(operations)
        return self.now - began


def test_a_minutes_worth_comes_at_once_and_the_rest_in_turn() -> None:
    time = Time()
    limiter = time.limiter(units=1)
    assert time.taken(limiter, 20) == 0
    assert time.taken(limiter, 20) == pytest.approx(60)


def test_what_was_not_used_is_kept_for_a_minute_and_no_longer() -> None:
    time = Time()
    limiter = time.limiter(units=1)
    time.taken(limiter, 20)
    time.sleep(3600)
    assert time.taken(limiter, 21) == pytest.approx(3)


def test_each_unit_adds_as_many() -> None:
    time = Time()
    assert time.taken(time.limiter(units=3), 120) == pytest.approx(60)


def test_classes_do_not_wait_for_each_other() -> None:
    time = Time()
    limiter = time.limiter(units=1)
    time.taken(limiter, 20)
    assert time.taken(limiter, 20, Operations.QUERIES) == 0
    assert time.taken(limiter, 150, Operations.TWIN_UPDATES) == pytest.approx(2)


def test_after_a_refusal_everybody_waits() -> None:
    time = Time()
    limiter = time.limiter(units=1)
    limiter.refused(CONFIGURATIONS)
    assert time.taken(limiter, 1) == pytest.approx(13)


def test_threads_wait_in_turn() -> None:
    time = Time()
    limiter = time.limiter(units=1)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(limiter.turn, [CONFIGURATIONS] * 40))
    assert time.now - 1000 == pytest.approx(60)


def test_nobody_waits_longer_than_the_run_may_take() -> None:
    time = Time()
    limiter = time.limiter(units=1, deadline=1001)
    time.taken(limiter, 20)
    with pytest.raises(FaultError, match="time budget"):
        limiter.turn(CONFIGURATIONS)
    assert time.now == 1000


def test_an_emulated_hub_has_no_rates() -> None:
    time = Time()
    assert time.taken(time.limiter(units=0), 1000) == 0
