"""What left git goes, down to the last of its kind, where the environment says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.checkout import NOTHING, Checkout


@pytest.fixture
def emptied(tmp_path: Path) -> Checkout:
    """The fleet was applied; then its only model and image left git, and what uses them."""
    checkout = Checkout.new(tmp_path / "repository")
    checkout.apply()
    for folder in ("models", "images", "credentials"):
        shutil.rmtree(checkout.fleet / folder)
    (checkout.fleet / "deployments" / "detector-line-1.yaml").unlink()
    checkout.commit("Give up the detector")
    return checkout


def test_the_last_model_and_the_last_image_are_pruned(emptied: Checkout) -> None:
    assert emptied.planned() == {
        "Deployment/detector-line-1": ("delete",),
        "Image/anomaly-detector": ("delete",),
        "Model/machine-temperature": ("delete",),
    }
    assert "Apply complete!" in emptied.apply()
    assert NOTHING in emptied.reconciler("plan", "--env", "local", "--detailed-exitcode")


def test_without_prune_the_workspace_is_not_asked(emptied: Checkout) -> None:
    emptied.edit("environments/local.yaml", "prune: true", "prune: false")
    assert emptied.planned() == {}
    told = emptied.ran("plan", "--env", "local", "-v")
    (line,) = [line for line in told.stderr.splitlines() if line.startswith("requests: ")]
    assert "workspace" not in line
