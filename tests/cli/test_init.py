"""What `init` writes is valid as it is, where its service looks for it, and over nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from reconciler.app.scaffold import OWNER, Ci, ci_of, owner_of
from tests.cli.person import Person

WORKFLOWS = {
    "github": {
        f".github/workflows/reconciler-{name}.yml" for name in ("plan", "fork", "apply", "drift")
    },
    "azure-pipelines": {
        ".azure-pipelines/reconciler.yml",
        ".azure-pipelines/reconciler-drift.yml",
    },
    "gitlab": {".gitlab-ci.yml"},
    "none": set[str](),
}


@pytest.fixture
def person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Person:
    folder = tmp_path / "plant_a (copy)"
    folder.mkdir()
    return Person(folder, capsys)


def written(folder: Path) -> set[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in found if path.parts[0] != ".git"}


def test_the_first_fleet_is_valid_in_every_environment(person: Person) -> None:
    assert person.runs("init").code == 0
    said = person.runs("validate")
    assert (said.code, said.err) == (0, "")
    assert said.out == "9 documents in 10 files: 0 errors, 0 warnings.\n"


def test_the_first_fleet_has_an_example_of_each_kind(person: Person) -> None:
    person.runs("init")
    files = (person.folder / "fleet").rglob("*.yaml")
    kinds = {yaml.safe_load(path.read_text("utf-8"))["kind"] for path in files}
    listed = set(person.runs("schema").out.split())
    assert kinds == (listed - {"Plan", "Snapshot"}) | {"Fleet"}


@pytest.mark.parametrize("service", WORKFLOWS)
def test_workflows_lie_where_their_service_looks(person: Person, service: str) -> None:
    said = person.runs("init", "--ci", service)
    assert said.code == 0
    files = written(person.folder)
    assert {file for file in files if not file.startswith("fleet/")} == {
        ".pre-commit-config.yaml",
        *WORKFLOWS[service],
    }
    assert {line[4:] for line in said.out.splitlines() if line.startswith("  + ")} == files


def test_the_remote_says_which_service_it_is(person: Person) -> None:
    address = "https://person:key@dev.azure.com/contoso/plant/_git/fleet"
    for arguments in (("init", "--quiet", "."), ("remote", "add", "origin", address)):
        subprocess.run(["git", *arguments], cwd=person.folder, check=True)
    assert person.runs("init").code == 0
    assert written(person.folder) >= WORKFLOWS["azure-pipelines"]


@pytest.mark.parametrize(
    ("remote", "service"),
    [
        ("https://github.com/contoso/fleet", Ci.GITHUB),
        ("git@ssh.dev.azure.com:v3/contoso/plant/fleet", Ci.AZURE_PIPELINES),
        ("https://contoso.visualstudio.com/plant/_git/fleet", Ci.AZURE_PIPELINES),
        ("ssh://git@gitlab.contoso.com:2222/plant/fleet.git", Ci.GITLAB),
        ("https://github.com/contoso/gitlab.azure.fleet", Ci.GITHUB),
        ("/srv/git/fleet.git", Ci.GITHUB),
        ("", Ci.GITHUB),
    ],
)
def test_an_address_tells_the_service(remote: str, service: Ci) -> None:
    assert ci_of(remote) is service


@pytest.mark.parametrize("there", ["fleet/README.md", ".pre-commit-config.yaml"])
def test_what_is_there_is_listed_and_nothing_is_written(person: Person, there: str) -> None:
    path = person.folder / there
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    said = person.runs("init")
    assert said.name == "REFUSED"
    assert said.err.endswith(f"there is already:\n  {there}\n")
    assert written(person.folder) == {there}
    assert path.read_text() == "mine"


def test_a_link_that_leads_nowhere_is_not_followed(person: Person, tmp_path: Path) -> None:
    (person.folder / ".pre-commit-config.yaml").symlink_to(tmp_path / "elsewhere")
    assert person.runs("init").name == "REFUSED"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("folder", ["fleet", ".github"])
def test_a_folder_that_is_a_link_is_not_entered(
    person: Person, tmp_path: Path, folder: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (person.folder / folder).symlink_to(elsewhere)
    said = person.runs("init")
    assert said.name == "REFUSED"
    assert said.err.endswith(f"there is already:\n  {folder}\n")
    assert list(elsewhere.iterdir()) == []


def test_a_file_where_a_folder_should_be_keeps_everything_from_being_written(
    person: Person,
) -> None:
    (person.folder / "fleet").write_text("mine")
    assert person.runs("init").name == "REFUSED"
    assert written(person.folder) == {"fleet"}


def test_the_owner_is_the_folder_until_somebody_says_otherwise(person: Person) -> None:
    person.runs("init")
    person.runs("init", "other", "--owner", "plant-b")
    roots = (person.folder / name / "reconciler.yaml" for name in ("fleet", "other/fleet"))
    assert [yaml.safe_load(path.read_text("utf-8"))["owner"] for path in roots] == [
        "plant-a-copy",
        "plant-b",
    ]


@pytest.mark.parametrize("owner", ["123", "no", "1e3"])
def test_an_owner_is_text_whatever_it_looks_like(person: Person, owner: str) -> None:
    assert person.runs("init", "--owner", owner).code == 0
    said = person.runs("validate", "--env", "local")
    assert (said.code, said.err) == (0, "")


@pytest.mark.parametrize("owner", ["", "a b", "-a", "a" * 64, 'a"\nkind: Model'])
def test_an_owner_that_no_mark_can_hold_is_refused(person: Person, owner: str) -> None:
    assert person.runs("init", "--owner", owner).name == "USAGE"
    assert written(person.folder) == set()


@pytest.mark.parametrize("folder", ["", "-", "日本", "a" * 200, "x.y_z", f"{'a' * 62}--b"])
def test_any_folder_makes_an_owner(folder: str) -> None:
    assert OWNER.fullmatch(owner_of(folder))


def test_a_folder_that_is_new_is_entered_first(person: Person) -> None:
    lines = person.runs("init", "new/site").out.splitlines()
    steps = [line.strip() for line in lines[lines.index("Next:") + 1 :]]
    assert steps[:2] == ["cd new/site", "git init"]


def test_every_environment_is_checked_where_none_is_named(person: Person) -> None:
    person.runs("init")
    prod = person.folder / "fleet/environments/prod.yaml"
    prod.write_text(prod.read_text("utf-8").replace("logLevel", "level"), encoding="utf-8")
    assert person.runs("validate", "--env", "local").code == 0
    said = person.runs("validate")
    assert said.name == "INVALID"
    assert "logLevel" in said.err
    assert said.out == "9 documents in 10 files: 1 error, 0 warnings.\n"
