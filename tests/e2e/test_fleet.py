"""The example fleet against the local cloud, by the command line alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.e2e.checkout import NOTHING, Checkout

SCRIPT = "images/anomaly-detector/score.py"
MODEL = "models/machine-temperature/model.yaml"
CREATED = ("create",)
UPDATED = ("update",)
REPLACED = ("create", "delete")


@pytest.fixture(scope="module")
def applied_once(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    checkout = Checkout.new(tmp_path_factory.mktemp("applied") / "repository")
    checkout.apply()
    return checkout


@pytest.fixture
def applied(applied_once: Checkout, tmp_path: Path) -> Checkout:
    """The fleet as it is after its first apply; each test has its own copy of the cloud."""
    return applied_once.copied_to(tmp_path / "repository")


def test_an_empty_cloud_needs_everything_that_can_be_written(tmp_path: Path) -> None:
    assert Checkout.new(tmp_path / "repository").planned() == {
        "Deployment/detector-line-1": CREATED,
        "Deployment/gateway-base": CREATED,
        "DeviceGroup/line-1": CREATED,
        "Image/anomaly-detector": CREATED,
        "Model/machine-temperature": CREATED,
    }


def test_after_apply_the_plan_is_empty(applied: Checkout) -> None:
    assert applied.planned() == {}
    assert NOTHING in applied.reconciler("plan", "--env", "local", "--detailed-exitcode")


def test_a_second_apply_writes_nothing(applied: Checkout) -> None:
    assert applied.writes_of_an_apply() == {"hub": 0, "workspace": 0}
    assert NOTHING in applied.apply()


def test_a_byte_of_the_script_makes_one_image_and_replaces_one_deployment(
    applied: Checkout,
) -> None:
    applied.edit(SCRIPT, "round(score, 3)", "round(score, 2)")
    assert applied.planned() == {
        "Image/anomaly-detector": CREATED,
        "Deployment/detector-line-1": REPLACED,
    }
    applied.apply()
    assert applied.planned() == {}


def test_going_back_to_the_old_script_builds_nothing(applied: Checkout) -> None:
    applied.edit(SCRIPT, "round(score, 3)", "round(score, 2)")
    applied.apply()
    applied.git("revert", "--no-edit", "HEAD")
    assert applied.planned() == {"Deployment/detector-line-1": REPLACED}


def test_a_tag_of_the_model_changes_in_place(applied: Checkout) -> None:
    applied.edit(MODEL, "team: edge", "team: plant")
    assert applied.planned() == {"Model/machine-temperature": UPDATED}
    applied.apply()
    assert applied.planned() == {}


def test_the_form_of_the_yaml_does_not_matter(applied: Checkout) -> None:
    for file in applied.fleet.rglob("*.yaml"):
        document = yaml.safe_load(file.read_text("utf-8"))
        text = yaml.safe_dump(document, default_flow_style=True, sort_keys=True, width=40)
        file.write_text(text, encoding="utf-8")
    applied.commit("Reformat")
    assert applied.planned() == {}


def test_a_gateway_that_joins_a_group_touches_only_the_group(applied: Checkout) -> None:
    applied.edit("groups/line-1.yaml", "gw-006]", "gw-006, gw-007]")
    assert applied.planned() == {"DeviceGroup/line-1": UPDATED}
    applied.apply()
    assert applied.planned() == {}
