"""A secret that stands in the open, where no reference hides it, does not get into a saved plan."""

from __future__ import annotations

from pathlib import Path

from tests.secrets.conftest import PLANTED, Guarded, seen


def test_a_plan_that_would_show_a_secret_is_saved_without_it_and_not_applied(
    guarded: Guarded, tmp_path: Path
) -> None:
    guarded.edit("holder", labels={"team": PLANTED["ACR_PASSWORD"]})
    file = tmp_path / "plan.json"
    assert guarded.rig.run("plan", "--out", str(file)).code == 0
    assert seen(guarded.canaries, file.read_text("utf-8")) == []
    guarded.rig.emulator.context.requests.clear()
    ran = guarded.rig.run("apply", str(file))
    assert ran.code == 3
    assert "this plan would show a secret, which was taken out when it was written" in ran.output
    assert guarded.rig.emulator.context.requests.summary()["writes"] == 0
