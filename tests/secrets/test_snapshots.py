"""A snapshot gives the plan that the live state gives, and holds no secret."""

from __future__ import annotations

import gzip
import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.app import Cloud, Fleet, Given
from reconciler.app.fleet import schema_text
from tests.prove import fleet_before_and_after as fleets
from tests.prove.rig import Rig
from tests.secrets.conftest import Guarded, seen

APART = ("timestamp", "expires_at")


class Offline(Rig):
    """Whoever has neither a network nor a credential."""

    def _connect(self, fleet: Fleet, given: Given) -> AbstractContextManager[Cloud]:
        raise AssertionError(f"nothing is asked for {fleet.scope} from a snapshot: {given.environ}")


def offline(rig: Rig) -> Rig:
    return Offline(rig.root, rig.emulator, rig.clock, rig.client, {"PATH": "/usr/bin:/bin"})


def snapshot(rig: Rig, file: Path) -> Path:
    ran = rig.run("snapshot", "--out", str(file))
    assert ran.code == 0, ran.output
    return file


def changed(guarded: Guarded) -> None:
    """A plan with every sort of evidence: a rotated login, a changed label, a new deployment."""
    guarded.rotate()
    guarded.edit("holder", labels={"team": "other"})
    guarded.edit("second", 60)
    guarded.write("DeviceGroup", "gateways", targetCondition="deviceId = 'gw-1'")
    fleets.write_one(fleets.base(LEVEL="a"), guarded.rig.fleet)


@pytest.mark.parametrize("name", ["state.json", "state.json.gz"])
def test_a_plan_from_a_snapshot_is_the_live_plan(
    guarded: Guarded, tmp_path: Path, name: str
) -> None:
    changed(guarded)
    file = snapshot(guarded.rig, tmp_path / name)
    live = guarded.rig.run("plan")
    again = offline(guarded.rig).run("plan", "--snapshot", str(file))
    assert (again.code, again.output) == (live.code, live.output)
    assert "Plan: " in live.output


def test_a_plan_from_a_snapshot_is_the_live_plan_as_data(guarded: Guarded, tmp_path: Path) -> None:
    changed(guarded)
    file = snapshot(guarded.rig, tmp_path / "state.json")
    live = without_times(guarded.rig.run("plan", "--format", "json").output)
    again = without_times(
        offline(guarded.rig).run("plan", "--format", "json", "--snapshot", str(file)).output
    )
    assert again == live
    assert json.loads(live)["effective_changes"] != []


def without_times(output: str) -> str:
    body: dict[str, Any] = json.loads(output[output.index("{") :])
    return json.dumps({key: value for key, value in body.items() if key not in APART})


def test_no_secret_is_in_a_snapshot(guarded: Guarded, tmp_path: Path) -> None:
    guarded.rotate()
    ran = guarded.rig.run("snapshot", "-vv", "--out", str(tmp_path / "state.json"))
    text = (tmp_path / "state.json").read_text("utf-8")
    assert seen(guarded.canaries, ran.output + text) == []
    assert "theirs" in text


def test_the_same_state_gives_the_same_bytes(guarded: Guarded, tmp_path: Path) -> None:
    files = [snapshot(guarded.rig, tmp_path / f"{n}.json.gz") for n in (1, 2)]
    bodies = [json.loads(gzip.decompress(file.read_bytes())) for file in files]
    for body in bodies:
        assert body.pop("read_at")
    assert json.dumps(bodies[0]) == json.dumps(bodies[1])


def test_a_snapshot_fits_its_schema(guarded: Guarded, tmp_path: Path) -> None:
    file = snapshot(guarded.rig, tmp_path / "state.json")
    schema = json.loads(schema_text("Snapshot"))
    Draft202012Validator(schema).validate(json.loads(file.read_text("utf-8")))


def test_a_document_that_is_newer_than_the_snapshot_is_planned_without_asking(
    guarded: Guarded, tmp_path: Path
) -> None:
    file = snapshot(guarded.rig, tmp_path / "state.json")
    login = {"secretRef": {"env": "ACR_PASSWORD"}}
    guarded.write(
        "RegistryCredential", "other", loginServer="o.example", username="u", password=login
    )
    guarded.write("DeviceGroup", "line", devices=["gw-1", "gw-9"])
    guarded.write("DeviceGroup", "tagged", targetCondition="tags.unknown = 'x'")
    guarded.edit("third", 70, registryCredentials=["other"])
    layer = fleets.layer("fourth", "tagged", "bought", 80)
    fleets.write_one(layer, guarded.rig.fleet)
    planned = offline(guarded.rig).run("plan", "--snapshot", str(file))
    assert planned.code == 0, planned.output
    assert "Deployment/third will be created" in planned.output
    assert "the snapshot was taken before it was asked for" in planned.output
    assert "the snapshot does not hold tags.unknown of the devices" in planned.output
    assert "DeviceGroup/line" not in planned.output


def test_a_device_that_is_asked_more_of_is_changed_and_not_made_again(
    guarded: Guarded, tmp_path: Path
) -> None:
    guarded.write("Device", "gw-1")
    file = snapshot(guarded.rig, tmp_path / "state.json")
    guarded.write("Device", "gw-1", tags={"line": 7})
    planned = offline(guarded.rig).run("plan", "--snapshot", str(file))
    assert "Device/gw-1 will be updated in place" in planned.output


def test_a_snapshot_of_another_environment_is_refused(guarded: Guarded, tmp_path: Path) -> None:
    file = snapshot(guarded.rig, tmp_path / "state.json")
    root = guarded.rig.fleet / "reconciler.yaml"
    root.write_text("apiVersion: reconciler/v1\nowner: somebody\n", encoding="utf-8")
    ran = offline(guarded.rig).run("plan", "--snapshot", str(file))
    root.write_text("apiVersion: reconciler/v1\nowner: contoso-plant-a\n", encoding="utf-8")
    assert ran.code == 6
    assert "the snapshot is of the environment local of contoso-plant-a, and this is" in ran.output


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.json", b"{", "no JSON, or not all of it"),
        ("a.json", b"{}", "this is no snapshot"),
        ("a.json.gz", gzip.compress(b"{}", mtime=0)[:-4], "this is no text, or not all of it"),
        ("a.json", b'{"state_digest": "", "format_version": "2.0"}', "its format 2.0 is not one"),
        ("a.json", b'{"state_digest": "", "format_version": "1.0"}', "it was edited"),
    ],
)
def test_a_file_that_is_no_snapshot_is_refused(
    guarded: Guarded, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    ran = offline(guarded.rig).run("plan", "--snapshot", str(file))
    assert ran.code == 3
    assert told in ran.output
    assert "hint: take one of this environment" in ran.output
