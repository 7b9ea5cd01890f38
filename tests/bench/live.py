"""How long a plan takes to say what becomes of the devices of a hub, which it asks page by page.

`python -m tests.bench.live [DEVICES ...]`. The hub is the emulator in a process of its own, with a
hundred deployments on it. Seconds are those of the clock, and beside them those that we work.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time, sleep

from reconciler import app, registry
from reconciler.plan import Plan
from reconciler.registry import Given
from tests.bench.devices import LINES, SITES, devices
from tests.cli.cloud import Cloud, running
from tests.prove.edits import Documents
from tests.prove.prediction import written

SIZES = (10_000,)
BATCH = 2_000
IMAGES = {
    "edgeAgent": {"image": "mcr.microsoft.com/azureiotedge-agent:1.6.1"},
    "edgeHub": {"image": "mcr.microsoft.com/azureiotedge-hub:1.6.1"},
}


def documents(image: str) -> Documents:
    """A base for everybody, and for each site a base and layers for its lines: a hundred."""
    found: Documents = {
        "Environment local": {"provider": "local"},
        "DeviceGroup all": {"matchTags": {"role": "gateway"}},
        "Deployment base": {**_deployment("base", "all", 1), **IMAGES},
    }
    for site in range(SITES):
        found[f"DeviceGroup site-{site}"] = {"matchTags": {"site": f"plant-{site}"}}
        found[f"Deployment site-{site}"] = {**_deployment("base", f"site-{site}", 5), **IMAGES}
        for line in range(LINES - 1):
            name = f"line-{site}-{line}"
            found[f"DeviceGroup {name}"] = {"matchTags": {"site": f"plant-{site}", "line": line}}
            found[f"Deployment {name}"] = _deployment("layer", name, 10 + 2 * line)
    last = f"Deployment line-{SITES - 1}-{LINES - 2}"
    del found[last]
    found["Deployment line-0-0"]["modules"]["scorer"]["image"] = image
    return found


def _deployment(sort: str, group: str, priority: int) -> dict[str, object]:
    modules = {"scorer" if sort == "layer" else "sensor": {"image": "plant.azurecr.io/m:1"}}
    return {"type": sort, "group": group, "priority": priority, "modules": modules}


@contextmanager
def connected(folder: Path, cloud: Cloud) -> Iterator[tuple[Callable[[], app.Fleet], app.Provider]]:
    """The fleet as it is written at any time, and the emulated hub."""

    def read() -> app.Fleet:
        return app.read_fleet(folder / "fleet", folder, "local")

    fleet = read()
    given = Given(
        environ={},
        files=folder.joinpath,
        notify=lambda _progress: None,
        now=perf_counter,
        sleep=sleep,
        emulator=cloud.connection,
    )
    with registry.azure(fleet.settings, fleet.scope, "", given) as found:
        yield read, found.provider


def measured(count: int) -> tuple[float, float, int, Plan]:
    """Seconds, those of our processor, and queries for the impact of a change to one layer."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        (folder / "state").mkdir()
        cloud = stack.enter_context(running(folder / "state"))
        written(folder / "fleet", documents("plant.azurecr.io/m:1"))
        read, provider = stack.enter_context(connected(folder, cloud))
        first = app.make_plan(read(), provider, retry_failed=False)
        list(app.apply(first, provider, app.Pace(4)))
        _seed(cloud, count)
        written(folder / "fleet", documents("plant.azurecr.io/m:2"))
        plan = app.make_plan(read(), provider, retry_failed=False)
        _settled(cloud)
        cloud.forget_requests()
        began, worked = perf_counter(), process_time()
        found = app.with_impact(plan, plan, provider, None)
        took, work = perf_counter() - began, process_time() - worked
        return took, work, cloud.served()["GetTwins"], found


def _seed(cloud: Cloud, count: int) -> None:
    lines = [{"deviceId": twin.device, "tags": twin.tags} for twin in devices(count)]
    for start in range(0, count, BATCH):
        body = json.dumps({"devices": lines[start : start + BATCH]})
        cloud.ask("POST", "/_emulator/seed", data=body)


def _settled(cloud: Cloud) -> None:
    """Let the devices of the emulator come to rest: they are in the same process as the hub."""
    while any(agent["awake"] for agent in cloud.ask("GET", "/_emulator/agents")):
        sleep(1)


def main(arguments: list[str]) -> None:
    sizes = [int(size) for size in arguments] or SIZES
    _say("devices", "impact of a live hub", "of that we work", "queries", "devices changed")
    for count in sizes:
        took, work, queries, plan = measured(count)
        changed = plan.impact.devices if plan.impact else 0
        _say(f"{count:,}", f"{took:.2f} s", f"{work:.2f} s", str(queries), f"{changed:,}")


def _say(*cells: str) -> None:
    sys.stdout.write("".join(cell.rjust(24) for cell in cells) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
