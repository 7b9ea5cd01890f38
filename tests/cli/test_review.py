"""What a preview leaves on the pull request, in the job's summary and at the lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.person import Person
from tests.cli.test_preview import GROUP, LAYER, edited, example, previewed
from tests.forges.stand_in import AzureDevOps, GitHub, GitLab, Reply, StandIn, serving, variables
from tests.source.clones import Clone

MARK = "<!-- reconciler:plan:v1 env=local -->"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone.new(tmp_path / "clone")
    made.commit(dict(example()))
    made.git("checkout", "--quiet", "-b", "work")
    return made


@pytest.fixture
def github() -> Iterator[StandIn]:
    with serving(GitHub()) as running:
        yield running


@pytest.fixture
def person(clone: Clone, github: StandIn, capsys: pytest.CaptureFixture[str]) -> Person:
    return Person(clone.folder, capsys, variables(github))


@pytest.mark.parametrize("service", [GitHub, AzureDevOps, GitLab])
def test_a_preview_is_one_comment_however_often_it_runs(
    clone: Clone, person: Person, service: type[StandIn]
) -> None:
    with serving(service()) as running:
        reviewer = Person(person.folder, person.screen, variables(running))
        for priority in (40, 50):
            text = (clone.folder / LAYER).read_text("utf-8")
            clone.commit({LAYER: re.sub(r"priority: \d\d", f"priority: {priority}", text)})
            running.head = clone.git("rev-parse", "HEAD").strip()
            said = previewed(reviewer, "--comment")
            assert (said.code, said.err) == (0, "The comment was written.\n")
        (note,) = running.notes
        assert note.body.startswith(MARK)
        assert "priority: 50" in note.body
        assert "stale" not in note.body


def test_a_comment_for_a_commit_that_was_overtaken_says_so(
    clone: Clone, person: Person, github: StandIn
) -> None:
    edited(clone, LAYER, "priority: 30", "priority: 40")
    previewed(person, "--comment")
    assert "**This plan is stale:**" in github.notes[0].body


def test_a_closed_pull_request_gets_no_comment(
    clone: Clone, person: Person, github: StandIn
) -> None:
    edited(clone, LAYER, "priority: 30", "priority: 40")
    github.open = False
    said = previewed(person, "--comment", "--detailed-exitcode")
    assert (said.name, github.notes) == ("CHANGES", [])
    assert "closed" in said.err


@pytest.mark.parametrize(
    "fault", [Reply(403, {"message": "no"}), Reply(500, {}), Reply(422, {"message": "no"})]
)
def test_a_comment_that_fails_does_not_change_the_exit_code(
    clone: Clone, person: Person, github: StandIn, fault: Reply
) -> None:
    edited(clone, LAYER, "priority: 30", "priority: 40")
    github.faults = [fault, fault]
    said = previewed(person, "--comment", "--detailed-exitcode")
    assert said.name == "CHANGES"
    assert "error: no comment was written: GitHub" in said.err
    assert "Plan: " in said.out


def test_invalid_documents_are_said_in_place_of_the_plan(
    clone: Clone, person: Person, github: StandIn
) -> None:
    edited(clone, LAYER, "priority: 30", "priority: 40")
    previewed(person, "--comment")
    edited(clone, LAYER, "priority: 40", "priority: high")
    assert previewed(person, "--comment").name == "INVALID"
    (note,) = github.notes
    assert "**No plan could be made: the documents have 1 error.**" in note.body
    assert LAYER in note.body


def test_a_change_that_was_taken_back_corrects_the_comment(
    clone: Clone, person: Person, github: StandIn
) -> None:
    edited(clone, LAYER, "priority: 30", "priority: 40")
    previewed(person, "--comment")
    edited(clone, LAYER, "priority: 40", "priority: 30")
    assert "nothing to preview" in previewed(person, "--comment").out
    (note,) = github.notes
    assert note.body.splitlines()[1].startswith("No document changed between")


def test_where_nothing_was_said_nothing_is_corrected(
    clone: Clone, person: Person, github: StandIn
) -> None:
    clone.commit({"README.md": "changed"})
    previewed(person, "--comment")
    assert github.notes == []


def test_the_plan_is_added_to_the_summary_of_the_job(
    clone: Clone, person: Person, tmp_path: Path
) -> None:
    edited(clone, LAYER, "priority: 30", "priority: 40")
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    previewed(person.having(GITHUB_STEP_SUMMARY=str(summary)), "--summary")
    assert summary.read_text("utf-8").startswith(f"before\n{MARK}\n")


def test_problems_stand_at_their_lines(clone: Clone, person: Person, tmp_path: Path) -> None:
    edited(clone, LAYER, "priority: 30", "priority: high")
    sarif = tmp_path / "problems.sarif"
    said = previewed(person, "--annotations", "auto", "--sarif", str(sarif))
    line = next(x for x in said.err.splitlines() if x.startswith("::error "))
    assert f"file={LAYER},line=10,col=13" in line
    (result,) = json.loads(sarif.read_text("utf-8"))["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == LAYER
    assert place["region"] == {"startLine": 10, "startColumn": 13}


def test_where_there_is_nothing_to_preview_there_are_no_problems(
    clone: Clone, person: Person, tmp_path: Path
) -> None:
    clone.commit({"README.md": "no document"})
    sarif = tmp_path / "problems.sarif"
    assert "nothing to preview" in previewed(person, "--sarif", str(sarif), head="HEAD").out
    assert json.loads(sarif.read_text("utf-8"))["runs"][0]["results"] == []


def test_azure_pipelines_gets_its_own_commands(clone: Clone, person: Person) -> None:
    edited(clone, GROUP, "gw-001", "gw 001; ]")
    said = person.having(GITHUB_ACTIONS="", TF_BUILD="True").runs(
        "validate", "--env", "local", "--annotations", "auto"
    )
    sign = "##vso[task.logissue "
    lines = [x for x in said.err.splitlines() if x.startswith(sign)]
    line = next(x for x in lines if f"sourcepath={GROUP}" in x)
    head, _, message = line.partition("]")
    assert head.startswith(f"##vso[task.logissue type=error;sourcepath={GROUP};linenumber=")
    assert "]" not in message
    assert ";" not in message
