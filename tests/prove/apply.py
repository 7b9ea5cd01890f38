"""Proves what an apply promises: `python -m tests.prove.apply [NAME...]`, in full.

Prints a line per proof, and ends with 1 if anything happened that must not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.prove import crash, crowd, faults, shuffle, throttle
from tests.prove.verdict import Verdict

PROOFS: Mapping[str, Callable[[Path], Verdict]] = {
    crash.NAME: crash.proved,
    crowd.NAME: crowd.proved,
    throttle.NAME: throttle.proved,
    shuffle.NAME: shuffle.proved,
    faults.NAME: faults.proved,
}


def main(names: Sequence[str]) -> int:
    bad = 0
    for name in names or PROOFS:
        with TemporaryDirectory() as folder:
            verdict = PROOFS[name](Path(folder))
        said = [str(verdict), *(f"  {violation}" for violation in verdict.violations)]
        sys.stdout.write("\n".join([*said, verdict.details]))
        sys.stdout.flush()
        bad += len(verdict.violations)
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
