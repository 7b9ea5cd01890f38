"""A plan that is saved is applied as it was looked at, or not at all."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.report.json import digest
from reconciler.report.saved import parsed
from tests.cli.cloud import Cloud
from tests.cli.fleets import Workshop
from tests.cli.person import Person
from tests.e2e.checkout import AUTHOR

Body = dict[str, Any]


@pytest.fixture
def plan(person: Person, tmp_path: Path) -> Path:
    """The first plan of a fleet of one deployment."""
    return saved(person, tmp_path / "plan.json")


def saved(person: Person, file: Path, *arguments: str) -> Path:
    said = person.runs("plan", "--out", str(file), *arguments)
    assert said.name == "OK", said.err
    return file


def rewritten(plan: Path, change: Callable[[Body], object], *, digested: bool = True) -> None:
    """Edit a saved plan, and let it look as if it had been written so."""
    body: Body = json.loads(plan.read_text("utf-8"))
    change(body)
    if digested:
        found = parsed(json.dumps(body))
        assert isinstance(found, dict)
        body["plan_digest"] = digest(found)
    plan.write_text(json.dumps(body), encoding="utf-8")


def test_a_saved_plan_is_applied_without_a_question(person: Person, plan: Path) -> None:
    said = person.runs("apply", str(plan))
    assert said.name == "OK", said.err
    assert "Apply complete! Resources: 1 added, 0 changed, 0 destroyed." in said.out
    digest = json.loads(plan.read_text("utf-8"))["plan_digest"]
    assert f"Plan digest: {digest}" in said.out


def test_a_saved_plan_is_for_its_owners_eyes(plan: Path) -> None:
    assert stat.S_IMODE(plan.stat().st_mode) == 0o600
    assert [file.name for file in plan.parent.iterdir() if "plan.json" in file.name] == [plan.name]


def test_a_plan_goes_where_a_link_leads_and_through_a_pipe(person: Person, tmp_path: Path) -> None:
    link, target = tmp_path / "link.json", tmp_path / "target.json"
    link.symlink_to(target)
    saved(person, link)
    assert link.is_symlink()
    assert "plan_digest" in target.read_text("utf-8")
    saved(person, Path("/dev/null"))
    assert Path("/dev/null").is_char_device()


def test_a_plan_that_was_carried_out_is_already_in_effect(
    person: Person, plan: Path, cloud: Cloud
) -> None:
    assert person.runs("apply", str(plan)).name == "OK"
    cloud.forget_requests()
    said = person.runs("apply", str(plan))
    assert (said.name, said.out) == (
        "OK",
        "Already in effect: nothing of this plan is left to do.\n",
    )
    assert cloud.writes() == 0


def test_a_hand_edit_of_an_object_in_the_plan_makes_it_stale(
    person: Person, workshop: Workshop, cloud: Cloud, tmp_path: Path
) -> None:
    assert person.runs("apply", "--auto-approve").name == "OK"
    workshop.edit("sensor.yaml", "priority: 30", "priority: 40")
    plan = saved(person, tmp_path / "plan.json")
    cloud.put({**cloud.of(workshop.owner), "priority": 35})
    cloud.forget_requests()
    said = person.runs("apply", str(plan))
    assert said.name == "STALE"
    assert "error: the plan is stale; nothing was changed\n" in said.err
    assert "  Deployment/sensor: it is not as it was (sha256 " in said.err
    assert "changed by hand or by another program" in said.err
    assert "priority: 30 -> 35" in said.err
    assert "hint: plan again and look at the new plan" in said.err
    assert cloud.writes() == 0


def test_a_version_that_moved_alone_does_not_make_a_plan_stale(
    person: Person, workshop: Workshop, cloud: Cloud, tmp_path: Path
) -> None:
    assert person.runs("apply", "--auto-approve").name == "OK"
    workshop.edit("sensor.yaml", "priority: 30", "priority: 40")
    plan = saved(person, tmp_path / "plan.json")
    live = cloud.of(workshop.owner)
    cloud.put(live)
    assert cloud.of(workshop.owner)["etag"] != live["etag"]
    assert person.runs("apply", str(plan)).name == "OK"
    assert cloud.of(workshop.owner)["priority"] == 40


def test_an_object_that_is_gone_makes_a_plan_stale(
    person: Person, workshop: Workshop, cloud: Cloud, tmp_path: Path
) -> None:
    assert person.runs("apply", "--auto-approve").name == "OK"
    workshop.edit("sensor.yaml", "priority: 30", "priority: 40")
    plan = saved(person, tmp_path / "plan.json")
    cloud.drop(cloud.of(workshop.owner)["id"])
    said = person.runs("apply", str(plan))
    assert said.name == "STALE"
    assert "Deployment/sensor: sensor-" in said.err
    assert " was there, and is gone" in said.err
    assert "to update was planned, to create is needed" in said.err


def test_what_is_not_in_the_plan_may_move(
    person: Person, workshop: Workshop, tmp_path: Path
) -> None:
    workshop.deploy("sensor", "camera")
    plan = saved(person, tmp_path / "plan.json", "--only", "Deployment/sensor")
    assert person.runs("apply", "--auto-approve", "--only", "Deployment/camera").name == "OK"
    said = person.runs("apply", str(plan))
    assert said.name == "OK", said.err
    assert "1 added" in said.out


def test_a_plan_that_was_carried_out_by_half_names_what_is_done(
    person: Person, workshop: Workshop, tmp_path: Path
) -> None:
    workshop.deploy("sensor", "camera")
    plan = saved(person, tmp_path / "plan.json")
    assert person.runs("apply", "--auto-approve", "--only", "Deployment/camera").name == "OK"
    said = person.runs("apply", str(plan))
    assert said.name == "STALE"
    assert "Deployment/camera: to create was planned, and is not needed any more" in said.err
    assert "Deployment/sensor" not in said.err


def test_a_changed_document_is_not_what_was_planned(
    person: Person, workshop: Workshop, plan: Path, cloud: Cloud
) -> None:
    workshop.edit("sensor.yaml", "priority: 30", "priority: 31")
    cloud.forget_requests()
    said = person.runs("apply", str(plan))
    assert said.name == "STALE"
    assert "another content would be written than was planned" in said.err
    assert "priority: 30 -> 31" in said.err
    assert cloud.writes() == 0


@pytest.fixture
def committed(person: Person, workshop: Workshop) -> Person:
    """The fleet is in a repository."""
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "A fleet"]):
        subprocess.run(["git", *AUTHOR, *arguments], cwd=workshop.folder, check=True)
    return person


def test_a_plan_is_applied_at_its_commit_whatever_is_checked_out(
    committed: Person, workshop: Workshop, cloud: Cloud, tmp_path: Path
) -> None:
    plan = saved(committed, tmp_path / "plan.json")
    workshop.edit("sensor.yaml", "priority: 30", "priority: 77")
    assert committed.runs("apply", str(plan)).name == "OK"
    assert cloud.of(workshop.owner)["priority"] == 30


def test_a_plan_of_a_commit_that_is_not_here_says_what_to_fetch(
    committed: Person, tmp_path: Path
) -> None:
    plan = saved(committed, tmp_path / "plan.json")
    rewritten(plan, lambda body: body["source"].update(commit="0" * 40))
    said = committed.runs("apply", str(plan))
    assert said.name == "STALE"
    assert f'there is no commit "{"0" * 40}" in this repository; nothing was changed' in said.err
    assert "git fetch origin" in said.err


def test_a_plan_of_files_that_no_commit_holds_asks_for_the_same_files(
    committed: Person, workshop: Workshop, tmp_path: Path
) -> None:
    workshop.edit("sensor.yaml", "priority: 30", "priority: 31")
    plan = saved(committed, tmp_path / "plan.json")
    workshop.edit("sensor.yaml", "priority: 31", "priority: 32")
    assert committed.runs("apply", str(plan)).name == "STALE"
    workshop.edit("sensor.yaml", "priority: 32", "priority: 31")
    assert committed.runs("apply", str(plan)).name == "OK"


def spoiled(plan: Path, text: str) -> None:
    plan.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "name", "told"),
    [
        (lambda p: spoiled(p, p.read_text()[:-200]), "INVALID", "no JSON, or not all of it"),
        (lambda p: spoiled(p, "priority: 30"), "INVALID", "no JSON, or not all of it"),
        (lambda p: p.write_bytes(b"\xff\xfe\x00"), "INVALID", "this is no text"),
        (lambda p: spoiled(p, "[]"), "INVALID", "this is no plan"),
        (lambda p: spoiled(p, '{"resource_changes": []}'), "INVALID", "it has no format_version"),
        (
            lambda p: rewritten(p, lambda b: b.update(owner="somebody"), digested=False),
            "INVALID",
            "it was edited after planning",
        ),
        (
            lambda p: rewritten(p, lambda b: b.update(format_version="2.0")),
            "INVALID",
            "its format 2.0 is not one that this version reads (1.0)",
        ),
        (lambda p: rewritten(p, lambda b: b.update(expires_at="soon")), "INVALID", "until when"),
        (
            lambda p: rewritten(p, lambda b: b.update(resource_changes=[1])),
            "INVALID",
            "this is no plan: resource_changes.0 must be a mapping, not the number 1",
        ),
        (
            lambda p: rewritten(p, lambda b: b["source"].update(dirty="\x1b[31m")),
            "INVALID",
            "this is no plan: source.dirty must be true or false",
        ),
        (
            lambda p: rewritten(p, lambda b: b.update(expires_at="2026-01-01T00:00:00+00:00")),
            "STALE",
            "the plan could be applied until 2026-01-01T00:00:00+00:00",
        ),
        (
            lambda p: rewritten(p, lambda b: b.update(owner="plant-z")),
            "STALE",
            "the plan is for the environment test of plant-z, and this is test of plant-",
        ),
        (
            lambda p: rewritten(p, lambda b: b["target"].update(hub="other.azure-devices.net")),
            "STALE",
            "the plan is for hub other.azure-devices.net, ",
        ),
    ],
)
def test_a_file_that_is_no_plan_for_this_is_refused_before_anything_is_asked(
    spoil: Callable[[Path], object], name: str, told: str, person: Person, cloud: Cloud
) -> None:
    plan = saved(person, person.folder / "plan.json")
    spoil(plan)
    cloud.forget_requests()
    said = person.runs("apply", str(plan))
    assert (said.name, said.out) == (name, "")
    assert told in said.err
    assert "nothing was changed" in said.err
    assert cloud.served() == {}


def test_a_plan_of_a_newer_minor_version_is_read(person: Person, plan: Path) -> None:
    rewritten(plan, lambda body: body.update(format_version="1.7", confidence=0.5))
    assert person.runs("apply", str(plan)).name == "OK"


def test_another_environment_is_refused(person: Person, plan: Path) -> None:
    said = person.runs("apply", str(plan), "--env", "prod")
    assert said.name == "STALE"
    assert "the plan is for the environment test, not prod" in said.err


def test_a_plan_says_itself_what_is_in_it(person: Person, plan: Path) -> None:
    said = person.runs("apply", str(plan), "--only", "Deployment/*")
    assert said.name == "USAGE"
    assert "hint: leave out --only" in said.err


def test_an_expected_plan_is_applied_without_a_question_and_no_other(
    person: Person, workshop: Workshop, plan: Path, cloud: Cloud
) -> None:
    expected = json.loads(plan.read_text("utf-8"))["plan_digest"]
    workshop.edit("sensor.yaml", "priority: 30", "priority: 31")
    cloud.forget_requests()
    said = person.runs("apply", "--expect", expected)
    assert said.name == "STALE"
    assert f"\n  expected {expected}\n  planned  sha256:" in said.err
    assert cloud.writes() == 0
    workshop.edit("sensor.yaml", "priority: 31", "priority: 30")
    assert person.runs("apply", "--expect", expected).name == "OK"
    assert person.runs("apply", "--expect", expected).out.startswith("Already in effect")


def test_a_plan_file_must_be_the_expected_one(person: Person, plan: Path) -> None:
    said = person.runs("apply", str(plan), "--expect", "sha256:00")
    assert said.name == "STALE"
    assert "is another plan" in said.err


def test_a_guard_holds_for_a_saved_plan_until_its_digest_is_allowed(
    person: Person, workshop: Workshop, tmp_path: Path
) -> None:
    workshop.deploy("sensor", "camera")
    assert person.runs("apply", "--auto-approve").name == "OK"
    for name in ("sensor", "camera"):
        workshop.edit(f"{name}.yaml", "temperature-sensor:1.5", "temperature-sensor:1.6")
    file = tmp_path / "plan.json"
    assert person.runs("plan", "--out", str(file)).name == "REFUSED"
    assert person.runs("apply", str(file)).name == "REFUSED"
    word = f"replaces@{json.loads(file.read_text('utf-8'))['plan_digest']}"
    assert person.runs("apply", str(file), "--allow", word).name == "OK"


@pytest.mark.parametrize("written", ["4", "0h", "1y", "-1h", ""])
def test_a_lifetime_is_a_number_and_a_unit(written: str, person: Person) -> None:
    said = person.runs("plan", "--expires", written)
    assert said.name == "USAGE"
    assert "write 90m, 4h or 7d" in said.err


def test_a_plan_expires_when_it_was_told_to(person: Person, tmp_path: Path) -> None:
    plan = saved(person, tmp_path / "plan.json", "--expires", "90m")
    body = json.loads(plan.read_text("utf-8"))
    assert body["expires_at"][11:16] != body["timestamp"][11:16]
