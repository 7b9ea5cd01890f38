"""A worker that tells of every block that it reads, so that no test has to wait for a second."""

from __future__ import annotations

from reconciler.providers.azure.workspace.worker import main

if __name__ == "__main__":
    main(every=0.0)
