"""`python -m reconciler` is the same as `reconciler`: it begins here."""

from __future__ import annotations

import sys
from importlib import import_module

INTERRUPTED = 130


def run() -> int:
    """Run one command. Somebody may interrupt it before there is anything to interrupt."""
    try:
        # Imported here: this takes longer than all that comes before it.
        code: int = import_module(".cli", __package__).main()
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        return INTERRUPTED
    return code


if __name__ == "__main__":
    raise SystemExit(run())
