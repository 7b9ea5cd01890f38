"""A deployment whose labels were removed in the portal is known again, and can be adopted."""

from __future__ import annotations

import json

import pytest

from tests.prove import fleet_before_and_after as fleets
from tests.prove.rig import Rig


@pytest.fixture
def stripped(applied: Rig) -> Rig:
    """An applied fleet whose deployment `replaced` lost all its labels."""
    with applied.emulator.context.store.transaction() as db:
        db.execute(
            "UPDATE hub_configuration SET labels = '{}', version = version + 1"
            " WHERE id LIKE 'replaced-%'"
        )
    return applied


def labels(rig: Rig) -> dict[str, dict[str, str]]:
    """Of each of our deployment's configurations, by id."""
    return {
        row["id"]: json.loads(row["labels"] or "{}")
        for row in rig.rows("hub_configuration")
        if row["id"].startswith("replaced-")
    }


def test_a_deployment_without_its_labels_is_neither_deleted_nor_made_twice(stripped: Rig) -> None:
    before = labels(stripped)
    ran = stripped.run("apply", "--auto-approve")
    assert ran.code == 0, ran.output
    assert "labels.stripped" in ran.output
    assert "--adopt Deployment/replaced" in ran.output
    assert labels(stripped) == before == {next(iter(before)): {}}


def test_it_is_adopted_in_place_when_somebody_says_so(stripped: Rig) -> None:
    (address,) = labels(stripped)
    plan = stripped.run("plan", "--adopt", "Deployment/replaced")
    assert "= Deployment/replaced" in plan.output
    assert "will be adopted" in plan.output
    ran = stripped.run("apply", "--auto-approve", "--adopt", "Deployment/replaced")
    assert ran.code == 0, ran.output
    ((same, marks),) = labels(stripped).items()
    assert same == address
    assert marks["reconciler-name"] == "replaced"
    assert marks["reconciler-secret-registry"] == "1"
    assert stripped.run("plan", "--detailed-exitcode").code == 0
    assert "labels.stripped" not in stripped.run("plan").output


def test_an_older_one_without_labels_is_left_alone_and_said(stripped: Rig) -> None:
    before = labels(stripped)
    fleets.write(fleets.after(stripped.login_server), stripped.fleet)
    stripped.commit("After")
    ran = stripped.run("apply", "--auto-approve")
    assert ran.code == 0, ran.output
    (old,) = before
    assert f"{old} looks like an older one" in ran.output
    assert set(before) < set(labels(stripped))


def test_what_has_the_id_but_other_content_is_not_taken_for_ours(stripped: Rig) -> None:
    with stripped.emulator.context.store.transaction() as db:
        (other,) = (r for r in stripped.rows("hub_configuration") if r["id"].startswith("gone-"))
        db.execute(
            "UPDATE hub_configuration SET content = ? WHERE id LIKE 'replaced-%'",
            (other["content"],),
        )
    ran = stripped.run("apply", "--auto-approve", "--adopt", "Deployment/replaced")
    assert ran.code == 0, ran.output
    marked = [address for address, found in labels(stripped).items() if found]
    assert [address.rpartition("-")[2] for address in marked] == ["r2"]
