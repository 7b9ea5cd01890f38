"""Somebody in the portal: changes a deployment on a running local hub, by the hub's interface.

`python -m tests.cli.portal STATE NAME PRIORITY`; the tour of a pull request (.ci/demo-pr) calls it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.cli.cloud import Cloud


def reprioritise(cloud: Cloud, name: str, priority: int) -> str:
    """Give the deployment of that name another priority; returns its id."""
    [found] = [c for c in cloud.configurations() if c["labels"].get("reconciler-name") == name]
    cloud.put({**found, "priority": priority})
    identity: str = found["id"]
    return identity


def main(state: str, name: str, priority: str) -> None:
    connection = json.loads((Path(state) / "connection.json").read_text("utf-8"))
    cloud = Cloud(connection, Path(connection["ca"]))
    sys.stdout.write(f"{reprioritise(cloud, name, int(priority))}: priority {priority}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
