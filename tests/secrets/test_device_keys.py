"""The key of a device is told to whoever asks for exactly that, and to nobody else."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from reconciler.emulator.faults import Fault
from tests.prove import fleet_before_and_after as fleets
from tests.secrets.conftest import Guarded, seen


def keys(guarded: Guarded) -> tuple[str, str]:
    (row,) = (
        row
        for row in guarded.rig.rows("hub_identity")
        if (row["device_id"], row["module_id"]) == ("gw-1", "")
    )
    return row["primary_key"], row["secondary_key"]


def change_device(guarded: Guarded) -> None:
    """What makes a run read the identity, keys and all, and write it back."""
    tags = {"site": "plant-b"}
    document = fleets.document("Device", "gw-1", status="disabled", tags=tags)
    fleets.write_one(document, guarded.rig.fleet)
    new = fleets.document("Device", "gw-3")
    fleets.write_one(new, guarded.rig.fleet)
    guarded.rig.commit("Change a device, register another")


@pytest.fixture(autouse=True)
def _devices_as_they_were(guarded: Guarded) -> None:
    tags = {"site": "plant-a"}
    document = fleets.document("Device", "gw-1", status="enabled", tags=tags)
    fleets.write_one(document, guarded.rig.fleet)
    (guarded.rig.fleet / "Device/gw-3.yaml").unlink(missing_ok=True)
    guarded.rig.commit("The devices as first applied")


def test_the_connection_string_is_printed_for_whoever_asks(guarded: Guarded) -> None:
    ran = guarded.rig.run("device", "credentials", "gw-1", "-vv")
    host = guarded.rig.emulator.connection.json()["hub"]["hostName"]
    primary, secondary = keys(guarded)
    assert ran.code == 0
    assert f"HostName={host};DeviceId=gw-1;SharedAccessKey={primary}\n" in ran.output
    assert secondary not in ran.output


def test_it_is_stored_where_only_one_can_read_it(guarded: Guarded, tmp_path: Path) -> None:
    out = tmp_path / "gw-1.txt"
    ran = guarded.rig.run("device", "credentials", "gw-1", "--out", str(out))
    assert ran.code == 0, ran.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert out.read_text().endswith(f";SharedAccessKey={keys(guarded)[0]}\n")
    assert seen(guarded.canaries, ran.output) == []
    again = guarded.rig.run("device", "credentials", "gw-1", "--out", str(out))
    assert again.code == 64
    assert "is there already" in again.output


def test_a_device_with_a_certificate_has_no_key_to_tell(guarded: Guarded) -> None:
    ran = guarded.rig.run("device", "credentials", "gw-2")
    assert ran.code == 1
    assert "gw-2 signs in with a certificate (x509CA)" in ran.output
    assert "identity_cert" in ran.output


def test_a_device_that_is_not_there_is_a_mistake_of_the_caller(guarded: Guarded) -> None:
    ran = guarded.rig.run("device", "credentials", "gw-9")
    assert ran.code == 64
    assert 'there is no device "gw-9"' in ran.output


@pytest.mark.parametrize("command", [("plan",), ("apply", "--auto-approve")], ids=" ".join)
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_other_command_tells_a_key(
    guarded: Guarded, command: tuple[str, ...], form: str
) -> None:
    change_device(guarded)
    ran = guarded.rig.run(*command, "-vv", "--log-format", form)
    assert ran.code == 0, ran.output
    assert seen(guarded.canaries, ran.output) == []


def test_no_report_tells_a_key_and_no_key_was_made_anew(guarded: Guarded, tmp_path: Path) -> None:
    before = keys(guarded)
    change_device(guarded)
    report = tmp_path / "report.json"
    ran = guarded.rig.run("apply", "--auto-approve", "--report", str(report))
    assert ran.code == 0, ran.output
    assert seen(guarded.canaries, report.read_text()) == []
    assert keys(guarded) == before


def test_a_hub_that_repeats_a_key_is_not_repeated(guarded: Guarded) -> None:
    change_device(guarded)
    said = f"refused: {' '.join(keys(guarded))}"
    body = json.dumps({"Message": said})
    guarded.rig.emulator.context.faults.add(
        Fault("PUT /devices/gw-1", status=400, body=body, times=0)
    )
    ran = guarded.rig.run("apply", "-vv", "--auto-approve")
    assert ran.code == 8, ran.output
    assert "refused: " in ran.output
    assert seen(guarded.canaries, ran.output) == []
