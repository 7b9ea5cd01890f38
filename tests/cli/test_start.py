"""Before any fleet is read: help, versions, and command lines that make no sense."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reconciler import VERSION
from reconciler.cli import COMMANDS, main
from tests.cli.cloud import ROOT
from tests.cli.person import Person

SLOW = ("azure", "azureml", "msrest", "jsonschema", "yaml", "requests", "rich", "deepdiff")


def imported_by(*arguments: str) -> set[str]:
    """The packages that a command has imported when it is done."""
    program = (
        "import sys; from reconciler.cli import main; main(sys.argv[1:]);"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ran.stderr.split())


@pytest.mark.parametrize("arguments", [("--version",), ("--help",)])
def test_the_version_and_the_help_need_nothing_that_is_slow(arguments: tuple[str, ...]) -> None:
    assert imported_by(*arguments).isdisjoint(SLOW)


def test_a_plan_of_a_valid_fleet_is_what_needs_a_cloud_s_sdk() -> None:
    assert imported_by("validate", "--fleet", "fleet", "--env", "local").isdisjoint(SLOW[:3])
    assert "yaml" in imported_by("validate", "--fleet", "fleet", "--env", "local")


def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"reconciler {VERSION}\n"


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in COMMANDS if f"\n  {name} " not in shown] == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["plan", "--bogus"], "No such option"),
        (["plan", "--fleet", "/does/not/exist"], "does not exist"),
        (["plan", "surplus"], "unexpected extra argument"),
        (["plan", "--format", "yaml"], "is not one of 'text', 'json'"),
        (["render"], "Missing argument"),
        (["render", "image/detector"], "only deployments are rendered, not image"),
        (["schema", "Deploiment"], 'there is no kind "Deploiment"'),
        (["apply"], "there is no terminal to ask at"),
    ],
)
def test_a_bad_command_line_is_a_usage_error(
    arguments: list[str], complaint: str, person: Person
) -> None:
    said = person.runs(*arguments)
    assert (said.name, said.out) == ("USAGE", "")
    assert complaint in said.err


def test_without_a_command_there_is_the_help(person: Person) -> None:
    said = person.runs()
    assert said.name == "USAGE"
    assert "Commands:" in said.out + said.err
