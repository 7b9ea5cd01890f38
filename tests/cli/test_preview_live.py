"""A merge is planned against what is live, or against a recording of it, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.cloud import Cloud
from tests.cli.fleets import Workshop
from tests.cli.person import Person
from tests.source.clones import Clone

MERGE = ("preview", "--base", "main", "--head", "work")


@pytest.fixture
def clone(workshop: Workshop) -> Clone:
    """`work` adds a deployment to the one of `main`, and is not checked out."""
    clone = Clone.new(workshop.folder)
    clone.commit()
    clone.git("checkout", "--quiet", "-b", "work")
    workshop.deploy("sensor", "second")
    clone.commit()
    clone.git("checkout", "--quiet", "main")
    return clone


def plan_in(out: str) -> list[str]:
    """Without the line that says which commits these are."""
    return out.splitlines()[1:]


def test_a_merge_is_planned_against_what_is_live_and_against_a_recording_of_it(
    clone: Clone, person: Person, cloud: Cloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = cloud.writes()
    said = person.runs(*MERGE)
    assert said.code == 0
    assert said.out.startswith("Merging ")
    assert "+ Deployment/second" in said.out
    recording = tmp_path / "live.json"
    assert person.runs("snapshot", "--out", str(recording)).code == 0
    assert cloud.writes() == before
    stranger = Person(clone.folder, capsys)
    again = stranger.runs(*MERGE, "--snapshot", str(recording))
    assert again.code == 0
    assert plan_in(again.out) == plan_in(said.out)
    both = stranger.runs(*MERGE, "--snapshot", str(recording), "--against", "main")
    assert both.name == "USAGE"


def test_a_commit_is_applied_whatever_is_checked_out(
    clone: Clone, person: Person, workshop: Workshop
) -> None:
    workshop.put("sensor.yaml", "broken: [")
    assert person.runs("apply", "--auto-approve").name == "INVALID"
    assert person.runs("apply", "--auto-approve", "--rev", "work").code == 0
    assert clone.git("status", "--short") == "M sensor.yaml"
    said = person.runs("plan", "--rev", "work")
    assert "No changes." in said.out
    assert f"commit {clone.git('rev-parse', 'work')[:7]} (clean)" in said.out
