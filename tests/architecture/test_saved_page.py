"""The page on saved plans prints what it shows."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.architecture.test_docs import ROOT, blocks, in_workspace, not_printed, steps, workspace
from tests.cli.cloud import running

PAGE = ROOT / "docs" / "saved-plans.md"

__all__ = ["workspace"]


def test_the_page_on_saved_plans_prints_what_it_shows(workspace: Path) -> None:
    repository = workspace / "repository"
    _without_a_workspace(repository / "fleet")
    state = repository / "fleet" / ".reconciler" / "local"
    state.mkdir(parents=True)
    with running(state):
        for step in [step for block in blocks(PAGE, "console") for step in steps(block)]:
            said = in_workspace(workspace, step.command)
            assert not_printed(step.shown, said) == [], f"$ {step.command}\n{said}"


def _without_a_workspace(fleet: Path) -> None:
    """What is asked of a workspace takes its time, and the page does not need it."""
    for folder in ("models", "images", "credentials"):
        shutil.rmtree(fleet / folder)
    (fleet / "deployments" / "detector-line-1.yaml").unlink()
    environment = fleet / "environments" / "local.yaml"
    text = environment.read_text("utf-8")
    environment.write_text(text.replace("prune: true", "prune: false"), encoding="utf-8")
    commit = "git commit -qam 'A smaller fleet'"
    in_workspace(fleet.parents[1], commit)
