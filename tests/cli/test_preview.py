"""What merging would change, as a person gets to see it; between commits, so without a cloud."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.cloud import ROOT
from tests.cli.person import Person, Said
from tests.source.clones import ALONE, Clone

FLEET = Path(__file__).parents[2] / "fleet"
GROUP = "fleet/groups/line-1.yaml"
SCORE = "fleet/images/anomaly-detector/score.py"
LAYER = "fleet/deployments/detector-line-1.yaml"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    clone = Clone.new(tmp_path / "clone")
    clone.commit(dict(example()))
    clone.git("checkout", "--quiet", "-b", "work")
    return clone


def example() -> Iterator[tuple[str, bytes]]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "fleet"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    for path in filter(None, listed.stdout.split("\0")):
        yield path, (ROOT / path).read_bytes()


@pytest.fixture
def person(clone: Clone, capsys: pytest.CaptureFixture[str]) -> Person:
    return Person(clone.folder, capsys)


def edited(clone: Clone, path: str, before: str, after: str) -> str:
    text = (clone.folder / path).read_text("utf-8")
    assert before in text
    return clone.commit({path: text.replace(before, after)})


def previewed(person: Person, *more: str, head: str = "work") -> Said:
    told = ("--env", "local", "--base", "main", "--head", head, "--against", "main")
    return person.runs("preview", *told, *more)


def test_a_preview_is_the_plan_of_the_merge_result(clone: Clone, person: Person) -> None:
    edited(clone, LAYER, "priority: 30", "priority: 40")
    clone.git("checkout", "--quiet", "main")
    edited(clone, GROUP, "gw-001", "gw-031")
    said = previewed(person)
    assert said.code == 0
    assert "~ priority: 30 -> 40" in said.out
    assert "compared with 7 objects\n" in said.out
    assert "gw-031" not in said.out
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in said.out
    assert previewed(person, "--detailed-exitcode").name == "CHANGES"


def test_a_comment_on_two_commits_speaks_of_no_live_state(clone: Clone, person: Person) -> None:
    edited(clone, LAYER, "priority: 30", "priority: 40")
    said = previewed(person, "--format", "markdown").out
    assert "compared with 7 objects" in said
    assert "live state" not in said


def test_what_a_document_refers_to_is_previewed_too(clone: Clone, person: Person) -> None:
    edited(clone, SCORE, "def init", "# changed\ndef init")
    made = json.loads(previewed(person, "--format", "json").out)
    assert [(c["address"], c["change"]["actions"]) for c in made["resource_changes"]] == [
        ("Image/anomaly-detector", ["create"]),
        ("Deployment/detector-line-1", ["create", "delete"]),
    ]


def test_where_no_document_changed_there_is_nothing_to_preview(
    clone: Clone, person: Person
) -> None:
    clone.commit({"README.md": "hello", "fleet/notes.txt": "hello"})
    said = previewed(person, "--detailed-exitcode")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("No document changed between ")
    assert json.loads(previewed(person, "--format", "json").out)["resource_changes"] == []
    assert previewed(person, "--format", "html").out.startswith("<!doctype html>")
    # Nor is a cloud asked: this environment's hub is not even there.
    assert person.runs("preview", "--env", "prod", "--base", "main", "--head", "work").code == 0


def test_having_nothing_to_preview_loads_nothing_heavy(clone: Clone) -> None:
    clone.commit({"README.md": "hello"})
    code = (
        "import sys\n"
        "from reconciler.cli import main\n"
        "code = main(['preview', '--base', 'main', '--head', 'work'])\n"
        "heavy = {'azure', 'azureml', 'deepdiff', 'jsonschema', 'reconciler.app', 'requests'}\n"
        "print(code, sorted(sys.modules.keys() & heavy))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=clone.folder,
        env={**ALONE, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "0 []"


def test_conflicts_are_told_with_their_files(clone: Clone, person: Person) -> None:
    edited(clone, LAYER, "priority: 30", "priority: 40")
    clone.git("checkout", "--quiet", "main")
    edited(clone, LAYER, "priority: 30", "priority: 50")
    said = previewed(person)
    assert said.name == "INVALID"
    assert LAYER in said.err


def test_an_invalid_merge_result_is_refused_with_its_faults(clone: Clone, person: Person) -> None:
    edited(clone, LAYER, "group: line-1", "group: line-7")
    said = previewed(person)
    assert said.name == "INVALID"
    assert f"{LAYER}:" in said.err
    assert "line-7" in said.err


def test_commits_that_are_not_there_are_a_usage_error(person: Person) -> None:
    assert previewed(person, head="nowhere").name == "USAGE"
    assert person.runs("validate", "--rev", "nowhere").name == "USAGE"
    assert person.runs("preview", "--rev", "main", "--head", "main").name == "USAGE"


def test_a_plan_of_a_commit_does_not_see_the_working_tree(clone: Clone, person: Person) -> None:
    (clone.folder / LAYER).write_text("broken: [")
    assert person.runs("validate", "--env", "local").name == "INVALID"
    said = person.runs("render", "--env", "local", "--rev", "main", "--offline", "detector-line-1")
    assert said.code == 0
    assert "modules.detector" in said.out


def test_a_plan_made_on_one_clone_is_the_same_on_another(clone: Clone, tmp_path: Path) -> None:
    """In another folder, with another seed for hashes, under another locale."""
    head = edited(clone, SCORE, "def init", "# changed\ndef init")
    other = clone.copied(tmp_path / "a much longer name of a folder")
    told = ("--base", f"{head}~1", "--head", head, "--against", f"{head}~1", "--env", "local")
    for form in ("text", "json"):
        plans = [
            bytes_of(folder, locale, seed, "preview", *told, "--format", form)
            for folder, locale, seed in (
                (clone.folder, "C.UTF-8", "1"),
                (other.folder / "fleet", "POSIX", "2"),
            )
        ]
        comparable = [_timeless(plan) for plan in plans]
        assert comparable[0] == comparable[1]
        assert b"anomaly-detector" in plans[0]


def bytes_of(folder: Path, locale: str, seed: str, *arguments: str) -> bytes:
    environ = {**ALONE, "PYTHONPATH": str(ROOT), "LC_ALL": locale, "PYTHONHASHSEED": seed}
    ran = subprocess.run(
        [sys.executable, "-m", "reconciler", *arguments],
        cwd=folder,
        env={**environ, "PATH": os.defpath},
        capture_output=True,
        check=True,
    )
    return ran.stdout


def _timeless(plan: bytes) -> bytes:
    return b"".join(line for line in plan.splitlines(keepends=True) if not _tells_time(line))


def _tells_time(line: bytes) -> bool:
    return any(word in line for word in (b'"timestamp"', b'"expires_at"', b'"repo"'))
