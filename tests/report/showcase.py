"""Plans as a customer would have them: the example fleet, grown and changed, and a large one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from reconciler import app
from reconciler.app import Fleet
from reconciler.apply import execute
from reconciler.edge.twin import Twin
from reconciler.model import Secret
from reconciler.plan import Plan, Result, Wish, build
from reconciler.plan.assessment import assessed
from reconciler.providers.memory import MemoryCloud
from reconciler.registry import KINDS, policy
from reconciler.report.about import About
from tests.e2e.checkout import Checkout
from tests.fleets import COMMIT, PRUNING, holding, plan_for, stack

ABOUT = About(
    "sha256:e7b42f0c91a35d6648cf20a7be91d3305c6f8e1a94b7d2c0536e8f1a2b3c4d5e",
    read_at="2026-03-14T09:26:53+00:00",
    full="https://github.example/contoso/fleet/actions/runs/4711",
)
LAYER = """apiVersion: reconciler/v1
kind: Deployment
metadata:
  name: {name}
spec:
  type: layer
  group: {group}
  priority: {priority}
  registryCredentials: [workspace-registry]
  modules:
    {module}:
      image: {image}
      env:
        LOG_LEVEL: info
---
apiVersion: reconciler/v1
kind: DeviceGroup
metadata:
  name: {group}
spec:
  targetCondition: "{condition}"
"""
IN_LINE_1 = 6
VALVES, PAINT, OVENS = (
    "detector-valves",
    "detector-paint-shop",
    "detector-curing-ovens-third-floor",
)


def example(folder: Path) -> Plan:
    """A pull request against the example fleet: some of everything."""
    checkout = Checkout.new(folder / "repository")
    _layer(checkout, VALVES, 40, "tags.area = 'valves'")
    _layer(checkout, "legacy-probe", 50, "tags.generation = 1", "contoso.azurecr.io/probe:2")
    cloud = MemoryCloud.of(KINDS, _read(checkout).scope)
    before = _read(checkout)
    cloud.handlers["RegistryCredential"].secrets = {"workspace-registry": Secret("first")}
    outcomes = tuple(execute(_planned(before, cloud), cloud.provider))
    assert {outcome.result for outcome in outcomes} == {Result.APPLIED}
    _change(checkout)
    return _planned(_read(checkout), cloud)


def _change(checkout: Checkout) -> None:
    score = checkout.fleet / "images/anomaly-detector/score.py"
    score.write_text(score.read_text("utf-8") + "\n# Faster.\n", encoding="utf-8")
    base = checkout.fleet / "deployments/gateway-base.yaml"
    base.write_text(base.read_text("utf-8").replace("team: edge", "team: platform"), "utf-8")
    (checkout.fleet / "deployments/legacy-probe.yaml").unlink()
    _layer(checkout, VALVES, 42, "tags.area = 'valves' AND tags.ring = 'early'")
    _layer(checkout, PAINT, 60, "tags.area = 'paint'")
    _layer(checkout, OVENS, 70, "tags.area = 9")


def _layer(
    checkout: Checkout, name: str, priority: int, condition: str, image: str = "anomaly-detector"
) -> None:
    group = name.split("-", maxsplit=1)[1]
    told = LAYER.format(
        name=name, group=group, priority=priority, condition=condition, module=group, image=image
    )
    (checkout.fleet / f"deployments/{name}.yaml").write_text(told, encoding="utf-8")


def _read(checkout: Checkout) -> Fleet:
    found = app.read_fleet(checkout.fleet, checkout.path, "local")
    assert found.valid, [str(each) for each in found.diagnostics]
    return found


def _planned(fleet: Fleet, cloud: MemoryCloud) -> Plan:
    wish = Wish(COMMIT, fleet.scope, fleet.drafts, policy(fleet.environment))
    plan = build(wish, cloud.provider.read(fleet.drafts), KINDS)
    told = assessed(plan, plan, lambda _fields: devices())
    scope = replace(plan.scope, environment="prod")
    return replace(told, scope=scope, objects=214, requests=3)


def devices() -> Iterator[Twin]:
    """3,120 gateways in four areas."""
    areas = ("valves", "paint", "press", "press", "press")
    rings = ("early", "late", "late")
    for number in range(3120):
        name = f"gw-{number + 1:03}"
        tags: dict[str, object] = {
            "role": "gateway",
            "area": "line-1" if number < IN_LINE_1 else areas[number % 5],
            "ring": rings[number % 3],
            "generation": 1 if number % 17 == 0 else 2,
        }
        if number < IN_LINE_1:
            tags["reconciler"] = {"contoso-plant-a": {"line-1": True}}
        yield Twin(name, edge=True, tags=tags)


def large(stacks: int = 75) -> Plan:
    """Four changes for each stack, some of them replacements."""
    names = [f"line-{number:03}" for number in range(stacks)]
    cloud = holding(*(each for name in names[::2] for each in stack(name)))
    wanted = (stack(name, Deployment={"priority": 20}, Model={"sha256": "22"}) for name in names)
    return plan_for(cloud, [each for fleet in wanted for each in fleet], PRUNING)
