"""A repository that `init` began, applied to a local cloud, and clones of it in which jobs run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import yaml

from tests.ci.jobs import ROOT, Step
from tests.cli.cloud import Cloud, running
from tests.e2e.checkout import AUTHOR

BASE = Path("fleet/deployments/gateway-base.yaml")
STATE = Path(".reconciler/local")
PROGRAM = f"""\
#!/bin/sh
# Joins the running local cloud, wherever the clone is.
if [ -d fleet ]; then mkdir -p fleet/{STATE} && cp "$CONNECTION" fleet/{STATE}; fi
exec "{sys.executable}" -m reconciler "$@"
"""
ALONE = 'exec env -i HOME="$HOME" PATH="$1:$PATH" "${@:2}"'
"""Runs a command with the variables that it is given alone: the tests may run in CI, too."""


@dataclass(frozen=True)
class Ran:
    code: int
    said: str
    outputs: Mapping[str, str]
    """What the step told the service in `$GITHUB_OUTPUT`."""


@dataclass(frozen=True)
class Clone:
    """Where one job works."""

    path: Path
    site: Site

    def git(self, *arguments: str) -> str:
        ran = subprocess.run(
            ["git", *AUTHOR, *arguments], cwd=self.path, check=True, capture_output=True, text=True
        )
        return ran.stdout.strip()

    def reprioritise(self, priority: int) -> str:
        """Commit a change on a branch; returns its commit."""
        self.git("switch", "--quiet", "--create", f"priority-{priority}")
        asked = f"priority: {self.priority()}"
        edited(self.path / BASE, asked, f"priority: {priority}")
        self.git("commit", "--quiet", "--all", "--message", f"Priority {priority}")
        return self.git("rev-parse", "HEAD")

    def priority(self) -> int:
        document = yaml.safe_load((self.path / BASE).read_text("utf-8"))
        priority: int = document["spec"]["priority"]
        return priority

    def merge(self, commit: str) -> None:
        """Into main, as the service would."""
        self.git("switch", "--quiet", "main")
        self.git("merge", "--quiet", "--no-ff", "--message", "Merge", commit)
        self.git("push", "--quiet", "origin", "main")

    def run(self, step: Step, told: Mapping[str, str], *, code: int = 0) -> Ran:
        """A step as its service runs it, with the local environment in place of prod."""
        outputs = self.path.parent / f"outputs-{next(self.site.numbers)}"
        outputs.touch()
        variables = {
            **step.variables,
            **told,
            "RECONCILER_ENV": "local",
            "GITHUB_OUTPUT": str(outputs),
            "CONNECTION": str(self.site.connection),
            "PYTHONPATH": str(ROOT),
        }
        given = [f"{name}={value}" for name, value in variables.items()]
        alone = ["bash", "-c", ALONE, "bash", str(self.site.path / "bin"), *given]
        ran = subprocess.run(
            [*alone, "bash", "-e", "-c", step.script],
            cwd=self.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ran.returncode == code, f"exit code {ran.returncode}\n{step.script}\n{ran.stdout}"
        pairs = (line.partition("=") for line in outputs.read_text("utf-8").splitlines())
        return Ran(ran.returncode, ran.stdout, {name: value for name, _, value in pairs})


@dataclass(frozen=True)
class Site:
    path: Path
    cloud: Cloud
    numbers: Iterator[int]

    @property
    def origin(self) -> Path:
        return self.path / "origin.git"

    @property
    def connection(self) -> Path:
        return self.path / "state" / "connection.json"

    def clone(self) -> Clone:
        folder = self.path / f"clone-{next(self.numbers)}"
        subprocess.run(["git", "clone", "--quiet", self.origin, folder], check=True)
        return Clone(folder, self)

    def priority(self) -> int:
        """Of the deployment, as the hub has it."""
        [found] = [
            c
            for c in self.cloud.configurations()
            if c["labels"].get("reconciler-name") == "gateway-base"
        ]
        priority: int = found["priority"]
        return priority


def without_workspace(fleet: Path) -> None:
    """Jobs are many, and the SDK of the workspace takes a second to load in each of them."""
    for name in ("models", "images", "credentials"):
        shutil.rmtree(fleet / name)
    (fleet / "deployments/doubler.yaml").unlink()
    edited(
        fleet / "deployments/gateway-base.yaml", "  registryCredentials: [workspace-registry]\n", ""
    )
    edited(fleet / "environments/local.yaml", "prune: true", "prune: false")


def edited(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, after), encoding="utf-8")


@contextmanager
def begun(path: Path) -> Iterator[Site]:
    """By `init`, pushed and applied."""
    program = path / "bin" / "reconciler"
    program.parent.mkdir()
    program.write_text(PROGRAM)
    program.chmod(0o755)
    subprocess.run(
        ["git", "init", "--quiet", "--bare", "--initial-branch", "main", path / "origin.git"],
        check=True,
    )
    with running(path / "state") as cloud:
        site = Site(path, cloud, count(1))
        first = site.clone()
        first.run(Step("reconciler init --ci none --owner plant-a", {}), {})
        first.run(Step("reconciler validate", {}), {})
        planned = first.run(Step("reconciler plan --env local", {}), {})
        assert "Plan: 5 to add, 0 to change, 0 to destroy." in planned.said
        without_workspace(first.path / "fleet")
        first.git("add", "--all")
        first.git("commit", "--quiet", "--message", "A fleet")
        first.git("push", "--quiet", "origin", "HEAD:main")
        first.run(Step("reconciler apply --env local --auto-approve", {}), {})
        yield site
