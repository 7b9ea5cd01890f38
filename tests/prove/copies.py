"""Proves that a plan hangs on nothing but its two sides: `python -m tests.prove.copies [--full]`.

A fleet is changed at random. Each change is planned in two clones, by two processes with other
seeds for hashes, other locales and other folders; and from a snapshot, where no service can be
reached. Every plan must be the same to the byte, moments and the clone's own address left out.
Prints `copies: tried=N violations=N`, counting plans that were held against another.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.prove import edits
from tests.prove.prediction import written
from tests.prove.rig import Rig, rig
from tests.prove.verdict import Verdict, counted

NAME = "copies"
CHANGES, DEVICES = 30, 100
SAMPLE = 1
SEED = 20260102
ROOT = Path(__file__).parents[2]
SECRETS = {"ACR_0": "first secret", "ACR_1": "second secret"}
OF_THE_RUN = (b'"timestamp"', b'"expires_at"', b'"repo"')
FORMS = ("json", "text")


@dataclass(frozen=True)
class Reader:
    """Somebody with a clone and a machine of their own."""

    folder: Path
    seed: str
    locale: str
    secrets: bool = True

    def runs(self, *arguments: str) -> bytes:
        environ = {
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT),
            "PYTHONHASHSEED": self.seed,
            "LC_ALL": self.locale,
            **(SECRETS if self.secrets else {}),
        }
        command = [sys.executable, "-m", "reconciler", *arguments, "--env", "local"]
        ran = subprocess.run(
            command, cwd=self.folder, env=environ, capture_output=True, check=False
        )
        # What a guard refuses, or what reads no secret, is a plan as well.
        assert ran.returncode in {0, 5}, ran.stderr.decode()
        return b"".join(
            line
            for line in ran.stdout.splitlines(keepends=True)
            if not any(word in line for word in OF_THE_RUN)
        )


def proof(changes: int) -> Verdict:
    with TemporaryDirectory() as place, rig(Path(place) / "first", SECRETS) as made:
        lines = [edits.device(at) for at in range(DEVICES)]
        made.client.control("POST", "seed", {"devices": lines})
        outcomes = tuple(counted(NAME, _outcomes(made, Path(place), changes), 3 * changes))
    return Verdict(NAME, len(outcomes), tuple(outcome for outcome in outcomes if outcome))


def _outcomes(made: Rig, place: Path, changes: int) -> Iterator[str]:
    """What is wrong with each plan; empty where it is the same as the first clone's."""
    rng = Random(SEED)
    documents = edits.first(rng)
    here = Reader(made.root, "1", "C.UTF-8")
    there = Reader(_clone(made, place / "another clone, elsewhere"), "2", "POSIX")
    apart = Reader(_apart(place / "without a cloud"), "3", "C.UTF-8", secrets=False)
    for number in range(changes):
        written(made.fleet, documents)
        made.commit(f"Change {number}")
        for reader in (there, apart):
            _git(reader.folder, "pull", "--quiet", "--ff-only", str(made.root))
        state = place / "state.json"
        here.runs("snapshot", "--out", str(state))
        form = FORMS[number % len(FORMS)]
        plan = here.runs("plan", "--format", form)
        taken = ("--snapshot", str(state))
        yield _differs(
            f"change {number}, another clone", plan, there.runs("plan", "--format", form)
        )
        for reader, who in ((here, "here"), (apart, "elsewhere")):
            found = reader.runs("plan", "--format", form, *taken)
            yield _differs(f"change {number}, from a snapshot, {who}", plan, found)
        if rng.random() < 0.4:
            here.runs("apply", "--auto-approve")
        documents = edits.edited(rng, documents)


def _clone(made: Rig, folder: Path) -> Path:
    """A clone for the same local cloud."""
    _apart(folder)
    state = folder / "fleet/.reconciler"
    state.parent.mkdir()
    state.symlink_to(made.fleet / ".reconciler")
    (folder / ".git/info/exclude").write_text(".reconciler\n", encoding="utf-8")
    return folder


def _apart(folder: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True)


def _differs(name: str, ours: bytes, theirs: bytes) -> str:
    if ours == theirs:
        return ""
    pairs = zip(ours.splitlines(), theirs.splitlines(), strict=False)
    lines = [f"{a.decode().strip()} | {b.decode().strip()}" for a, b in pairs if a != b]
    return f"{name}: {'; '.join(lines[:5]) or 'one has more lines'}"


if __name__ == "__main__":
    verdict = proof(CHANGES if "--full" in sys.argv else SAMPLE)
    sys.stdout.write("\n".join([str(verdict), *(f"  {v}" for v in verdict.violations[:20]), ""]))
    sys.exit(bool(verdict.violations))
