"""How long a fleet takes: `python -m tests.bench.devices [DEVICES ...]`.

Devices come from a file of JSON lines, with a hundred deployments over realistic tags; seconds
are those of the processor. Beside it, on as many devices as it can do in a while, the naive way:
every condition and a merge for every device.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from reconciler.edge import plain
from reconciler.edge.classes import folded, judge
from reconciler.edge.condition_text import parse
from reconciler.edge.layering import Layered, effective
from reconciler.edge.twin import Twin
from reconciler.model import ResourceId, mapping
from reconciler.plan.deployed import Course, Deployed
from reconciler.plan.impact import assess
from reconciler.source.devices import DeviceFile
from tests.edge.manifests import base, module

SIZES = (10_000, 100_000, 1_000_000)
SITES, LINES, RINGS = 20, 5, ("canary", "early", "broad", "late")
NAIVE = 1_000


def devices(count: int) -> Iterator[Twin]:
    for at in range(count):
        tags = {
            "role": "gateway",
            "site": f"plant-{at % SITES}",
            "line": at // SITES % LINES,
            "ring": RINGS[at * 7 % len(RINGS)],
            "version": f"1.{at % 7}.{at % 3}",
        }
        yield Twin(f"gw-{at:07}", tags=tags)


def write(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as lines:
        for twin in devices(count):
            line = {"deviceId": twin.device, "edge": True, "tags": twin.tags}
            lines.write(json.dumps(line) + "\n")


def deployments() -> tuple[Deployed, ...]:
    """A base for everybody, and for each site a base of its own and four layers."""
    found = [_deployed("base", "tags.role = 'gateway'", 1, layer=False)]
    for site in range(SITES):
        here = f"tags.site = 'plant-{site}'"
        found.append(_deployed(f"base-{site}", here, 2, layer=False))
        found += [
            _deployed(f"line-{site}-{line}", f"{here} AND tags.line = {line}", 10 + line)
            for line in range(3)
        ]
        ring = f"{here} AND (tags.ring = 'canary' OR tags.version >= '1.5')"
        found.append(_deployed(f"ring-{site}", ring, 20))
    return tuple(found[:100])


def _deployed(name: str, condition: str, priority: int, *, layer: bool = True) -> Deployed:
    key = f"properties.desired.modules.{name}"
    over = mapping(plain({"$edgeAgent": {key: module()}}))
    content = over if layer else base(**{name: module()})
    own = ResourceId("Deployment", name)
    return Deployed(Layered(name, priority, 0, content), parse(condition), own)


def timed(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


def naively(twins: list[Twin], deployed: tuple[Deployed, ...]) -> None:
    """Each condition is compiled once; that is all that devices share."""
    judged = judge([each.condition for each in deployed if each.condition])
    for twin in twins:
        dict(effective(deployed[at].layered for at in judged(twin)).documents)


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    deployed = deployments()
    more = _deployed("more", "tags.line = 4", 30)
    way = Course(deployed, (*deployed[:-1], more))
    conditions = [each.condition for each in deployed if each.condition]
    naive = timed(lambda: naively(list(devices(NAIVE)), deployed)) / NAIVE
    _say("devices", "impact from a file", "peak MB", "evaluate only", "naively (estimate)")
    with TemporaryDirectory() as name:
        for count in sizes:
            path = Path(name) / f"{count}.jsonl"
            write(path, count)
            impact = timed(partial(assess, way, DeviceFile(path, path.name)))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            twins = list(devices(count))
            only = timed(partial(folded, twins, conditions))
            _say(f"{count:,}", f"{impact:.2f}", str(peak), f"{only:.2f}", f"{naive * count:.0f}")


def _say(*cells: str) -> None:
    sys.stdout.write("".join(cell.rjust(20) for cell in cells) + "\n")


if __name__ == "__main__":
    main()
