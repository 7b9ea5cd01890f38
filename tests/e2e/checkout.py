"""A copy of the example fleet in a repository of its own, and the command line run in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NOTHING = "No changes. Your infrastructure matches the configuration."
AUTHOR = ("-c", "user.name=tester", "-c", "user.email=tester@example.com")


@dataclass(frozen=True)
class Checkout:
    path: Path

    @property
    def fleet(self) -> Path:
        return self.path / "fleet"

    @classmethod
    def new(cls, path: Path) -> Checkout:
        ignored = shutil.ignore_patterns(".reconciler", "__pycache__")
        shutil.copytree(ROOT / "fleet", path / "fleet", ignore=ignored)
        checkout = cls(path)
        checkout.git("init", "--quiet", ".")
        checkout.commit("A fleet")
        return checkout

    def copied_to(self, path: Path) -> Checkout:
        """The same repository and the same local cloud, elsewhere."""
        shutil.copytree(self.path, path)
        return Checkout(path)

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *AUTHOR, *arguments], cwd=self.path, check=True)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def edit(self, name: str, before: str, after: str) -> None:
        """Replace a text that is there once in a file of the fleet, and commit."""
        file = self.fleet / name
        text = file.read_text("utf-8")
        assert text.count(before) == 1, f"{name} has {before!r} {text.count(before)} times"
        file.write_text(text.replace(before, after), encoding="utf-8")
        self.commit(f"Change {name}")

    def reconciler(self, *arguments: str, code: int = 0) -> str:
        """What the command prints to stdout; its exit code must be `code`."""
        return self.ran(*arguments, code=code).stdout

    def ran(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        ran = subprocess.run(
            ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "reconciler", *arguments],
            cwd=self.path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == code, f"exit code {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        return ran

    def apply(self) -> str:
        return self.reconciler("apply", "--env", "local", "--auto-approve")

    def writes_of_an_apply(self) -> dict[str, int]:
        """How many writing requests an `apply` sends to each service."""
        told = self.ran("apply", "--env", "local", "--auto-approve", "-v").stderr
        (line,) = [line for line in told.splitlines() if line.startswith("requests: ")]
        found = re.findall(r"(\w+) \d+ read, (\d+) written", line)
        return {service: int(count) for service, count in found}

    def planned(self) -> dict[str, tuple[str, ...]]:
        """The actions of a plan by address."""
        plan: dict[str, Any] = json.loads(
            self.reconciler("plan", "--env", "local", "--format", "json")
        )
        return {
            change["address"]: tuple(change["change"]["actions"])
            for change in plan["resource_changes"]
        }
