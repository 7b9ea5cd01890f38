"""No secret is in anything that a run prints, writes or leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.emulator.faults import Fault
from tests.prove.rig import Ran
from tests.secrets.conftest import PLANTED, Guarded, seen

COMMANDS = (
    ("validate", "-vv"),
    ("plan", "-vv"),
    ("plan", "-vv", "--format", "json"),
    ("plan", "-vv", "--log-format", "json"),
    ("apply", "-vv", "--auto-approve"),
    ("apply", "-vv", "--auto-approve", "--log-format", "json"),
    ("simulate", "-vv", "gw-1"),
    ("simulate", "-vv", "gw-1", "--format", "json"),
    ("status", "-vv"),
    ("status", "-vv", "--format", "json"),
    ("status", "-vv", "--devices"),
    ("simulate", "-vv", "--group", "line"),
    ("graph", "-vv", "--live"),
    ("render", "-vv", "--full", "deployment/holder"),
    ("render", "-vv", "--full", "--offline", "deployment/holder"),
)
VARIABLE = PLANTED["ACR_PASSWORD"]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_prints_a_secret(guarded: Guarded, command: tuple[str, ...]) -> None:
    guarded.edit("holder", labels={"team": "other"})
    ran = guarded.rig.run(*command)
    assert ran.code == 0, ran.output
    assert seen(guarded.canaries, ran.output) == []


def test_no_file_of_a_run_holds_a_secret(guarded: Guarded, tmp_path: Path) -> None:
    guarded.edit("holder", metrics={"all": "SELECT deviceId FROM devices"})
    guarded.rotate()
    plan, report = tmp_path / "plan.json", tmp_path / "report.json"
    assert guarded.rig.run("plan", "--out", str(plan)).code == 0
    assert guarded.rig.run("apply", "--auto-approve", "--report", str(report)).code == 0
    for file in (plan, report):
        assert seen(guarded.canaries, file.read_text()) == []
    assert json.loads(report.read_text())["request_ids"] != []


def test_the_address_of_the_repository_is_told_without_its_credentials(guarded: Guarded) -> None:
    plan = json.loads(_stdout(guarded.rig.run("plan", "--format", "json")))
    assert plan["source"]["repo"] == "https://git.example/fleet.git"


def test_nothing_is_left_in_the_repository(guarded: Guarded) -> None:
    guarded.rotate()
    guarded.rig.run("apply", "--auto-approve")
    for file in guarded.rig.root.rglob("*"):
        if file.is_file() and not {".git", ".reconciler"} & set(file.parts):
            assert seen(guarded.canaries, file.read_text(errors="replace")) == [], file


@pytest.mark.parametrize("status", [400, 403, 500])
@pytest.mark.parametrize(
    "route", ["PUT /configurations/", r"GET /configurations\?", "POST .*/listKeys", "GET .*/models"]
)
def test_a_service_that_repeats_a_secret_is_not_repeated(
    guarded: Guarded, route: str, status: int
) -> None:
    said = f'refused: password "{VARIABLE}", {" ".join(guarded.known)}'
    body = json.dumps({"Message": said, "error": {"code": "Odd", "message": said}})
    guarded.edit("holder", metrics={"all": "SELECT deviceId FROM devices"})
    guarded.rig.emulator.context.faults.add(Fault(route, status=status, body=body, times=0))
    ran = guarded.rig.run("apply", "-vv", "--auto-approve")
    assert "refused: password" in ran.output
    assert VARIABLE not in ran.output
    assert seen(guarded.canaries, ran.output) == []


def _stdout(ran: Ran) -> str:
    """From the first brace: signs of life stand before it."""
    return ran.output[ran.output.index("{") :]
