"""A sample of each proof; `make prove-apply` runs them in full."""

from __future__ import annotations

from pathlib import Path

from tests.prove import crash, crowd, shuffle, throttle


def test_a_run_that_is_killed_is_finished_by_the_next_one(tmp_path: Path) -> None:
    verdict = crash.proved(tmp_path, share=0.03)
    assert verdict.violations == ()
    assert verdict.tried >= 5


def test_a_run_keeps_to_the_hubs_rates_and_to_its_slots(tmp_path: Path) -> None:
    verdict = throttle.proved(tmp_path, bases=25, tolerance=1.1)
    assert verdict.violations == ()
    assert verdict.tried == 50


def test_of_two_runs_at_once_one_wins_whole(tmp_path: Path) -> None:
    verdict = crowd.proved(tmp_path, rounds=1)
    assert verdict.violations == ()
    assert verdict.tried == 1


def test_whatever_happens_an_apply_leaves_nothing_to_do(tmp_path: Path) -> None:
    verdict = shuffle.proved(tmp_path, examples=5, steps=8)
    assert verdict.violations == ()
    assert verdict.tried >= 5
