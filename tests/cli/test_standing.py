"""What people ask of devices: how deployments stand there, what a group runs, and the picture."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cli.cloud import Cloud
from tests.cli.fleets import Workshop
from tests.cli.person import Person
from tests.e2e.checkout import Checkout

PUMP = "Deployment/pump"


@pytest.fixture
def applied(person: Person, workshop: Workshop, cloud: Cloud) -> Iterator[Person]:
    """Somebody whose `pump` has reached its devices, whatever else they run."""
    workshop.drop("sensor")
    workshop.deploy("pump")
    assert person.runs("apply", "--auto-approve").name == "OK"
    cloud.ask("POST", "/_emulator/tick")
    yield person
    tell(cloud, "online")


def tell(cloud: Cloud, mode: str, *devices: str) -> None:
    told = {"mode": mode, "modules": ["pump"], "devices": list(devices) or None}
    cloud.ask("POST", "/_emulator/agents", json=told)
    cloud.ask("POST", "/_emulator/tick")


def squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_a_deployment_is_as_healthy_as_its_devices_say(applied: Person, cloud: Cloud) -> None:
    fine = applied.runs("status", PUMP, "--detailed-exitcode", "--format", "json")
    [row] = json.loads(fine.out)["deployments"]
    assert fine.name == "OK"
    assert row["targeted"] == row["applied"] == row["healthy"] > 2
    tell(cloud, "crashing", "gw-001")
    tell(cloud, "offline", "gw-002")
    broken = applied.runs("status", PUMP, "--devices", "--detailed-exitcode")
    assert broken.name == "GATE"
    lines = squeezed(broken.out)
    assert lines[2].startswith("failing: 1 device, such as gw-001: pump: backoff, exit code 1")
    assert lines[3] == "offline: 1 device, such as gw-002: not connected, last seen: healthy"
    assert [line.split()[:2] for line in lines if line.startswith("gw-00")][:3] == [
        ["gw-001", "failing"],
        ["gw-002", "offline"],
        ["gw-003", "healthy"],
    ]


def test_status_costs_one_query_more_than_a_plan(applied: Person, cloud: Cloud) -> None:
    cloud.forget_requests()
    assert applied.runs("plan").name == "OK"
    planned = cloud.served()
    cloud.forget_requests()
    assert applied.runs("status", "--devices").name == "OK"
    added = {k: n - planned.get(k, 0) for k, n in cloud.served().items() if n != planned.get(k)}
    assert added == {"GetTwins": 1}


def test_what_is_not_there_yet_is_to_be_created_and_unfinished(person: Person) -> None:
    told = person.runs("status", "Deployment/sensor", "--detailed-exitcode")
    assert told.name == "CHANGES"
    assert squeezed(told.out)[1] == "sensor - to be created - - - - - -"


def test_a_deployment_that_does_not_exist_is_a_mistake(person: Person) -> None:
    told = person.runs("status", "sensor")
    assert told.name == "USAGE"
    assert "no deployment matches sensor" in told.err


def test_a_group_is_simulated_manifest_by_manifest(applied: Person, workshop: Workshop) -> None:
    workshop.edit("pump.yaml", "sensor:1.5", "sensor:1.6")
    told = applied.runs("simulate", "--group", "line-1")
    lines = squeezed(told.out)
    assert lines[0].startswith("line-1: ")
    assert lines[2].endswith("gw-001, gw-002, gw-003, ...")
    assert "pump restarts" in lines
    [place] = [line for line in lines if line.startswith("module pump ")]
    assert " pump.yaml:9:5" in place  # over what other fleets may have put there
    data = json.loads(applied.runs("simulate", "--group", "line-1", "--format", "json").out)
    assert data["devices"] == sum(each["devices"] for each in data["manifests"])


def test_a_group_that_git_does_not_have_is_a_mistake(person: Person) -> None:
    told = person.runs("simulate", "--group", "line-9")
    assert (told.name, told.err.splitlines()[1]) == ("USAGE", "  hint: git has: line-1")
    assert person.runs("simulate").name == "USAGE"
    assert person.runs("simulate", "gw-001", "--group", "line-1").name == "USAGE"


def test_a_broken_file_of_devices_is_told_and_nothing_else(
    person: Person, workshop: Workshop
) -> None:
    workshop.put("devices.jsonl", '{"deviceId": "gw-1", "tags": {"line": 1}}\nnonsense\n')
    for command in (["simulate", "--group", "line-1"], ["graph"]):
        told = person.runs(*command, "--devices", str(workshop.folder / "devices.jsonl"))
        assert (told.name, told.out) == ("INVALID", "")
        assert "devices.jsonl:2" in told.err


def test_the_picture_needs_no_cloud(example: Checkout, person: Person, cloud: Cloud) -> None:
    cloud.forget_requests()
    told = person.runs("graph", "--fleet", str(example.fleet), "--env", "local")
    assert told.out.splitlines()[:2] == [
        "flowchart LR",
        '  n1[("Model<br>machine-temperature")]',
    ]
    assert cloud.served() == {}


def test_the_live_picture_says_what_changes_and_counts_devices(person: Person) -> None:
    told = person.runs("graph", "--live")
    assert '"Deployment<br>sensor<br>to be created"' in told.out
    assert "DeviceGroup<br>line-1 (" in told.out
    data = json.loads(person.runs("graph", "--live", "--format", "json").out)
    assert [node["action"] for node in data["nodes"]] == ["create", "same"]
    assert data["edges"] == [
        {"source": "Deployment/sensor", "target": "DeviceGroup/line-1", "label": ""}
    ]
    dot = person.runs("graph", "--format", "dot").out
    assert dot.startswith("digraph fleet {")
