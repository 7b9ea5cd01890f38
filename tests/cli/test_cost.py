"""What an empty plan costs, by the cloud's own count; and that `render` tells the truth."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.model import MASK
from tests.cli.cloud import Cloud
from tests.cli.fleets import Workshop
from tests.cli.person import Person
from tests.e2e.checkout import NOTHING, Checkout

CONNECTING = {"ListSubscriptions": 3, "GetWorkspace": 2, "Discovery": 1}
"""What the workspace's SDK asks before its first answer; we have no say in it."""
READING = {"ListModels": 1, "ListImages": 1, "GetConfigurations": 1, "GetTwins": 1}
SECRETS = {"GetRegistry": 1, "ListWorkspaceKeys": 1}
LOCAL = ("--env", "local")


def test_a_plan_of_nothing_costs_a_page_of_each_and_says_so(
    example: Checkout, cloud: Cloud
) -> None:
    cloud.forget_requests()
    told = example.ran("plan", *LOCAL, "-v")
    assert NOTHING in told.stdout
    assert cloud.served() == {**CONNECTING, **READING, **SECRETS}
    assert cloud.writes() == 0
    assert "requests: hub 2 read, 0 written; workspace 10 read, 0 written\n" in told.stderr


def test_an_apply_of_nothing_costs_no_more_than_its_plan(example: Checkout, cloud: Cloud) -> None:
    cloud.forget_requests()
    assert NOTHING in example.apply()
    assert cloud.served() == {**CONNECTING, **READING, **SECRETS}
    assert cloud.writes() == 0


@pytest.mark.parametrize("name", ["detector-line-1", "gateway-base"])
def test_what_is_rendered_is_what_the_hub_holds(name: str, example: Checkout, cloud: Cloud) -> None:
    rendered = json.loads(example.reconciler("render", name, *LOCAL, "--full"))
    (live,) = [each for each in cloud.configurations() if each["labels"]["reconciler-name"] == name]
    content, passwords = masked(live["content"])
    assert rendered["content"] == content
    assert rendered["targetCondition"] == live["targetCondition"]
    assert rendered["priority"] == live["priority"]
    assert rendered["metrics"]["queries"] == live["metrics"]["queries"]
    assert passwords == (1 if name == "detector-line-1" else 0)
    ours = {k: v for k, v in live["labels"].items() if not k.startswith("reconciler-")}
    assert rendered["labels"] == ours


def masked(value: Any) -> tuple[Any, int]:
    """With no password left, and how many there were."""
    if isinstance(value, dict):
        parts = {key: masked(inner) for key, inner in value.items()}
        held = [key for key, (inner, _) in parts.items() if key == "password" and inner]
        plain = {key: MASK if key in held else inner for key, (inner, _) in parts.items()}
        return plain, len(held) + sum(count for _, count in parts.values())
    if isinstance(value, list):
        items = [masked(item) for item in value]
        return [item for item, _ in items], sum(count for _, count in items)
    return value, 0


IMAGE = """\
apiVersion: reconciler/v1
kind: Image
metadata: {{name: {name}}}
spec: {{builder: prebuilt, reference: "{registry}/anomaly-detector:1"}}
"""
OURS = "localregistry.azurecr.io"


def test_a_tag_is_asked_for_once_and_only_where_the_environment_says(
    workshop: Workshop, person: Person, cloud: Cloud
) -> None:
    workshop.edit("environment.yaml", "  policy:", f"  registries: [{OURS}]\n  policy:")
    workshop.be_local(cloud)

    def asked() -> dict[str, int]:
        cloud.forget_requests()
        assert person.runs("plan").name == "OK"
        return cloud.served()

    workshop.put("one.yaml", IMAGE.format(name="one", registry=OURS))
    costs = asked()
    assert "HeadManifest" in costs
    workshop.put("two.yaml", IMAGE.format(name="two", registry=OURS))
    workshop.put("three.yaml", IMAGE.format(name="three", registry="other.azurecr.io"))
    assert asked() == costs
    assert cloud.writes() == 0
