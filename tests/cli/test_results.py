"""What a person or a program gets from a plan and an apply, and with which exit code."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.cloud import Cloud
from tests.cli.fleets import DEPLOYMENT, Workshop
from tests.cli.person import Person, Said

NOTHING = "No changes. Your infrastructure matches the configuration."
CREDENTIAL = """\
apiVersion: reconciler/v1
kind: RegistryCredential
metadata: {name: registry}
spec:
  loginServer: contoso.azurecr.io
  username: puller
  password: {secretRef: {env: ACR_PASSWORD}}
"""


def actions(said: Said) -> Mapping[str, list[str]]:
    """Of a plan as JSON, by address."""
    plan: dict[str, Any] = json.loads(said.out)
    return {c["address"]: c["change"]["actions"] for c in plan["resource_changes"]}


def test_a_change_is_planned_applied_and_then_gone(person: Person, cloud: Cloud) -> None:
    assert person.runs("plan", "--detailed-exitcode").name == "CHANGES"
    applied = person.runs("apply", "--auto-approve")
    assert applied.name == "OK"
    assert "Apply complete! Resources: 1 added, 0 changed, 0 destroyed." in applied.out
    planned = person.runs("plan", "--detailed-exitcode")
    assert (planned.name, planned.err) == ("OK", "")
    assert NOTHING in planned.out
    cloud.forget_requests()
    assert NOTHING in person.runs("apply", "--auto-approve").out
    assert cloud.served() == {"GetConfigurations": 1}


def test_an_invalid_fleet_is_told_in_full_before_anything_is_asked(
    person: Person, workshop: Workshop, cloud: Cloud
) -> None:
    workshop.edit("sensor.yaml", "group: line-1", "group: line-2")
    workshop.edit("line-1.yaml", "{name: line-1}", "{name: line-1, label: {}}")
    cloud.forget_requests()
    said = person.runs("apply", "--auto-approve")
    assert (said.name, said.out) == ("INVALID", "")
    assert "line-1.yaml:3:26: error[schema.unknown] DeviceGroup/line-1: unknown field" in said.err
    assert "hint: did you mean labels?" in said.err
    assert (
        'sensor.yaml:6:10: error[ref.missing] Deployment/sensor: DeviceGroup "line-2"' in said.err
    )
    assert "error: the fleet is invalid; nothing was read and nothing was changed" in said.err
    assert cloud.served() == {}
    assert person.runs("validate").name == "INVALID"


def test_a_guard_refuses_and_nothing_is_written(
    person: Person, workshop: Workshop, cloud: Cloud
) -> None:
    workshop.deploy("sensor", "camera")
    assert person.runs("apply", "--auto-approve").name == "OK"
    for name in ("sensor", "camera"):
        workshop.edit(f"{name}.yaml", "temperature-sensor:1.5", "temperature-sensor:1.6")
    cloud.forget_requests()
    said = person.runs("apply", "--auto-approve")
    assert said.name == "REFUSED"
    assert "error[guard.replaces]" in said.out
    assert "pass --allow replaces@DIGEST" in said.out
    assert "nothing was changed" in said.err
    assert cloud.writes() == 0


def test_a_secret_that_is_not_set_is_a_warning_of_the_plan_and_refused_by_apply(
    person: Person, workshop: Workshop, cloud: Cloud
) -> None:
    workshop.put("registry.yaml", CREDENTIAL)
    text = DEPLOYMENT.format(name="sensor", priority=30)
    workshop.put("sensor.yaml", f"{text}  registryCredentials: [registry]\n")
    planned = person.runs("plan")
    assert planned.name == "OK"
    assert "warning[secret.unavailable] RegistryCredential/registry" in planned.out
    assert "the variable ACR_PASSWORD is not set" in planned.out
    cloud.forget_requests()
    said = person.runs("apply", "--auto-approve")
    assert said.name == "REFUSED"
    assert "a secret is not available: RegistryCredential/registry; nothing was changed" in said.err
    assert cloud.writes() == 0
    canary = "canary-7"
    shown = person.having(ACR_PASSWORD=canary).runs("apply", "--auto-approve", "-v")
    assert shown.name == "OK"
    assert canary not in shown.out + shown.err


@pytest.mark.parametrize(
    ("answer", "name", "live"), [("yes", "OK", 0), ("no", "REFUSED", 1), ("y", "REFUSED", 1)]
)
def test_only_yes_is_a_yes(
    answer: str, name: str, live: int, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))
    said = replace(person, terminal=True).runs("apply")
    assert said.name == name
    assert "Do you want to perform these actions? Only 'yes' is accepted." in said.out
    assert len(actions(person.runs("plan", "--format", "json"))) == live


def test_requests_are_counted_on_stderr(person: Person) -> None:
    said = person.runs("plan", "-v")
    assert "requests: hub 2 read, 0 written\n" in said.err
    assert "requests" not in said.out.splitlines()[-1]


def test_json_is_all_that_is_on_stdout(person: Person) -> None:
    said = person.runs("plan", "--format", "json", "-v")
    plan = json.loads(said.out)
    assert plan["applyable"] is True
    assert actions(said) == {"Deployment/sensor": ["create"]}
    assert said.out == f"{json.dumps(plan, indent=2, sort_keys=True, ensure_ascii=False)}\n"


def test_the_file_of_a_plan_and_what_is_printed_are_one(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    printed = json.loads(person.runs("plan", "--format", "json", "--out", str(file)).out)
    written = json.loads(file.read_text("utf-8"))
    assert written.pop("timestamp")
    assert printed.pop("timestamp")
    assert written == printed


def test_a_file_that_cannot_be_written_is_named(person: Person) -> None:
    said = person.runs("plan", "--out", "/does/not/exist/plan.json")
    assert said.name == "ERROR"
    assert said.err == "error: /does/not/exist/plan.json: No such file or directory\n"


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        (["--only", "Deployment/c*"], {"Deployment/camera"}),
        (
            ["--only", "Deployment/camera", "--only", "*/valve"],
            {"Deployment/camera", "Deployment/valve"},
        ),
        (["--exclude", "Deployment/c*"], {"Deployment/sensor", "Deployment/valve"}),
        (["--only", "Model/*"], set()),
    ],
)
def test_a_part_of_a_plan_can_be_asked_for(
    arguments: list[str], kept: set[str], person: Person, workshop: Workshop
) -> None:
    workshop.deploy("sensor", "camera", "valve")
    assert set(actions(person.runs("plan", "--format", "json", *arguments))) == kept


def test_the_exit_code_is_told_to_a_workflow(person: Person, tmp_path: Path) -> None:
    output = tmp_path / "output"
    output.write_text("before=1\n")
    said = replace(person, output=output).runs("plan", "--detailed-exitcode")
    digest = said.out.rpartition("Plan digest: ")[2].strip()
    assert output.read_text() == (f"before=1\ndigest={digest}\nexit_code=2\nexit_name=changes\n")


def test_color_is_for_a_terminal_and_can_be_refused(person: Person) -> None:
    at_terminal = replace(person, color=True)
    assert "\x1b[32m" in at_terminal.runs("plan").out
    assert "\x1b" not in at_terminal.runs("plan", "--no-color").out
    assert "\x1b" not in person.runs("plan").out


def test_the_status_and_the_document_of_a_deployment(person: Person, cloud: Cloud) -> None:
    assert person.runs("apply", "--auto-approve").name == "OK"
    table = person.runs("status")
    assert table.name == "OK"
    assert table.out.split()[:3] == ["DEPLOYMENT", "CONFIGURATION", "SYNC"]
    assert " in sync " in table.out.splitlines()[1]
    found, *foreign = json.loads(person.runs("status", "--format", "json").out)["deployments"]
    assert (found["name"], found["sync"]) == ("sensor", "in sync")
    assert {each["sync"] for each in foreign} == {"not ours"}
    assert person.runs("render", "nothing").name == "USAGE"
    offline = person.runs("render", "sensor", "--offline")
    cloud.forget_requests()
    assert offline.out == person.runs("render", "deployment/sensor").out
    assert cloud.served() == {"GetConfigurations": 1}
