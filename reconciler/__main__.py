"""`python -m reconciler` is the same as `reconciler`."""

from reconciler.cli import main

raise SystemExit(main())
