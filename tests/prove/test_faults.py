"""A sample of the matrix; `make prove-apply` runs it in full."""

from __future__ import annotations

from pathlib import Path

from tests.prove import faults


def test_whatever_goes_wrong_the_next_run_ends_well(tmp_path: Path) -> None:
    verdict = faults.proved(tmp_path, share=0.01, at_once=1)
    assert verdict.violations == ()
    assert verdict.tried >= 5
