"""A run is taken back: what it changed becomes what it was, under the same names."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.cloud import Cloud
from tests.cli.fleets import DEPLOYMENT, Workshop
from tests.cli.person import Person
from tests.e2e.checkout import AUTHOR


@dataclass(frozen=True)
class History:
    """A fleet in a repository, and what is live of it."""

    person: Person
    workshop: Workshop
    cloud: Cloud
    place: Path

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *AUTHOR, *arguments], cwd=self.workshop.folder, check=True)

    def applied(self, name: str) -> Path:
        """Commit what is there and apply it; the report of the run."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", name)
        report = self.place / f"{name}.json"
        said = self.person.runs("apply", "--auto-approve", "--report", str(report))
        assert said.name == "OK", said.err
        return report

    def changed(self) -> Path:
        """The report of a run that replaces one thing, changes another and creates a third."""
        self.workshop.edit("sensor.yaml", "temperature-sensor:1.5", "temperature-sensor:1.6")
        self.workshop.edit("valve.yaml", "priority: 40", "priority: 45")
        self.workshop.put("camera.yaml", DEPLOYMENT.format(name="camera", priority=60))
        return self.applied("second")

    def live(self) -> dict[str, Any]:
        """Condition and priority of what is ours, by id."""
        return {
            found["id"]: (found["priority"], found["targetCondition"])
            for found in self.cloud.configurations()
            if found["labels"].get("reconciler-owner") == self.workshop.owner
        }


@pytest.fixture
def history(person: Person, workshop: Workshop, cloud: Cloud, tmp_path: Path) -> History:
    """Two deployments that were applied once."""
    made = History(person, workshop, cloud, tmp_path)
    made.git("init", "--quiet")
    workshop.deploy("sensor", "valve")
    made.applied("first")
    return made


def test_a_run_is_taken_back_to_the_same_ids(history: History) -> None:
    before = history.live()
    report = history.changed()
    after = history.live()
    said = history.person.runs("rollback", str(report), "--auto-approve")
    assert said.name == "OK", said.err
    assert "Deployment/camera will be deleted (no longer in git)" in said.out
    assert "Resources: 1 added, 1 changed, 2 destroyed." in said.out
    assert history.live() == before
    assert len(after.keys() - before.keys()) == 2


def test_a_rollback_can_be_saved_and_applied_later(history: History, tmp_path: Path) -> None:
    before = history.live()
    report, plan = history.changed(), tmp_path / "back.json"
    history.cloud.forget_requests()
    said = history.person.runs("rollback", str(report), "--out", str(plan))
    assert said.name == "OK", said.err
    assert "Plan: 1 to add, 1 to change, 2 to destroy." in said.out
    assert history.cloud.writes() == 0
    assert history.person.runs("apply", str(plan)).name == "OK"
    assert history.live() == before
    assert history.person.runs("apply", str(plan)).out.startswith("Already in effect")


def test_what_the_run_did_not_touch_stays(history: History) -> None:
    history.workshop.edit("sensor.yaml", "priority: 30", "priority: 31")
    report = history.applied("second")
    history.workshop.edit("valve.yaml", "priority: 40", "priority: 41")
    said = history.person.runs("apply", "--auto-approve")  # not committed: the commit is the same
    assert said.name == "OK", said.err
    said = history.person.runs("rollback", str(report), "--auto-approve")
    assert said.name == "OK", said.err
    assert sorted(priority for priority, _ in history.live().values()) == [30, 41]


def test_a_rollback_past_a_newer_run_is_refused(history: History) -> None:
    report = history.changed()
    history.workshop.edit("valve.yaml", "priority: 45", "priority: 46")
    history.applied("third")
    history.cloud.forget_requests()
    said = history.person.runs("rollback", str(report), "--auto-approve")
    assert said.name == "REFUSED"
    assert "error[guard.rollback]" in said.out
    assert history.cloud.writes() == 0


def test_the_first_run_has_nothing_to_go_back_to(history: History) -> None:
    said = history.person.runs("rollback", str(history.place / "first.json"), "--auto-approve")
    assert said.name == "REFUSED"
    assert "nothing had been applied before that run; nothing was changed" in said.err


def test_the_commit_to_go_back_to_can_be_named(history: History) -> None:
    before = history.live()
    report = history.changed()
    said = history.person.runs("rollback", str(report), "--to", "HEAD~1", "--auto-approve")
    assert said.name == "OK", said.err
    assert history.live() == before


def test_nobody_is_asked_where_nobody_can_answer(history: History) -> None:
    said = history.person.runs("rollback", str(history.changed()))
    assert said.name == "USAGE"
    assert "hint: write the plan with --out, or run with --auto-approve" in said.err


@pytest.mark.parametrize(
    ("change", "name", "told"),
    [
        ({"owner": "somebody"}, "STALE", "the run was for somebody, and this fleet is plant-"),
        (
            {"applied_before": ["1" * 40, "2" * 40]},
            "REFUSED",
            "which commit was applied before is not clear",
        ),
        ({"applied_before": ["1" * 40]}, "USAGE", f'there is no commit "{"1" * 40}"'),
    ],
)
def test_a_report_that_does_not_fit_is_refused(
    change: dict[str, object], name: str, told: str, history: History
) -> None:
    report = history.changed()
    body = {**json.loads(report.read_text("utf-8")), **change}
    report.write_text(json.dumps(body), encoding="utf-8")
    said = history.person.runs("rollback", str(report), "--auto-approve")
    assert said.name == name
    assert told in said.err


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"results": []}', "\ufeff{"])
def test_a_file_that_is_no_report_is_refused(text: str, person: Person, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(text, encoding="utf-8")
    said = person.runs("rollback", str(file), "--auto-approve")
    assert said.name == "INVALID"
    assert "hint: write one with apply --report" in said.err


def test_a_run_of_another_environment_is_refused(history: History) -> None:
    said = history.person.runs("rollback", str(history.changed()), "--env", "prod")
    assert said.name == "STALE"
    assert "the run was for the environment test" in said.err
