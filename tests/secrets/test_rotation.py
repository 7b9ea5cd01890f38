"""A secret that changes, or is not there."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.prove.fleet_before_and_after import OWNER
from tests.prove.rig import Rig
from tests.secrets.conftest import Guarded


def live(rig: Rig) -> dict[str, str]:
    """The contents of our deployments, by id."""
    return {
        row["id"]: row["content"]
        for row in rig.rows("hub_configuration")
        if OWNER in (row["labels"] or "")
    }


def test_a_rotated_password_replaces_what_holds_it_though_git_did_not_change(
    guarded: Guarded,
) -> None:
    rig = guarded.rig
    (before,) = live(rig)
    password = guarded.rotate()
    plan = rig.run("plan", "--detailed-exitcode")
    assert plan.code == 2
    assert "RegistryCredential/registry" in plan.output
    assert "rotated outside git: no module restarts for it" in plan.output
    applied = rig.run("apply", "--auto-approve")
    assert applied.code == 0, applied.output
    ((after, content),) = live(rig).items()
    assert after != before
    assert password in content
    assert rig.run("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize("value", [None, ""])
def test_a_secret_that_is_not_there_is_seen_at_plan_and_refused_at_apply(
    guarded: Guarded, value: str | None
) -> None:
    others = {k: v for k, v in guarded.rig.environ.items() if k != "ACR_PASSWORD"}
    environ = others if value is None else {**others, "ACR_PASSWORD": value}
    rig = replace(guarded.rig, environ=environ)
    guarded.edit("holder", modules={"other": {"image": "bought", "version": "1"}})
    before = live(rig)
    plan = rig.run("plan")
    assert plan.code == 0
    assert "unavailable" in plan.output
    rig.emulator.context.requests.clear()
    applied = rig.run("apply", "--auto-approve")
    assert applied.code == 5
    assert "RegistryCredential/vendor" in applied.output
    assert "hint: " in applied.output
    assert rig.emulator.context.requests.summary()["writes"] == 0
    assert live(rig) == before


def test_a_secret_that_is_not_there_does_not_replace_what_holds_it(guarded: Guarded) -> None:
    others = {k: v for k, v in guarded.rig.environ.items() if k != "ACR_PASSWORD"}
    rig = replace(guarded.rig, environ=others)
    assert rig.run("plan", "--detailed-exitcode").code == 0


def test_no_digest_of_a_secret_is_written(guarded: Guarded) -> None:
    """What differs between two passwords, beyond the passwords, is the counter."""
    rig = guarded.rig
    ((_, first),) = live(rig).items()
    labels = json.loads(rig.rows("hub_configuration")[0]["labels"] or "{}")
    guarded.rotate()
    rig.run("apply", "--auto-approve")
    ((_, second),) = live(rig).items()
    assert len(first) == len(second)
    assert labels is not None
