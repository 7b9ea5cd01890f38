"""Pull requests come from strangers: nothing of theirs is run, nothing outside is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.person import Person
from tests.cli.test_preview import LAYER, SCORE, example
from tests.source.clones import Clone


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """Whatever of the repository is run makes this file."""
    return tmp_path / "canary"


@pytest.fixture
def clone(tmp_path: Path, canary: Path) -> Clone:
    """A repository that would do something wherever git or Python would let it."""
    clone = Clone.new(tmp_path / "clone")
    clone.commit(dict(example()))
    sing = f"touch {canary}"
    clone.git("checkout", "--quiet", "-b", "work")
    score = (clone.folder / SCORE).read_text("utf-8")
    touching = f"import pathlib\npathlib.Path({str(canary)!r}).touch()\n{score}"
    clone.commit(
        {
            SCORE: touching,
            "fleet/images/anomaly-detector/conftest.py": touching,
            "sitecustomize.py": touching,
            "fleet/sitecustomize.py": touching,
            ".gitattributes": "* filter=sing diff=sing merge=sing\n",
            LAYER: (clone.folder / LAYER).read_text("utf-8").replace("30", "40"),
        }
    )
    clone.git("checkout", "--quiet", "main")
    clone.commit({"README.md": "so that there is something to merge"})
    for name in ("filter.sing.clean", "filter.sing.smudge", "filter.sing.process"):
        clone.git("config", name, sing)
    for name in ("diff.sing.textconv", "diff.sing.command", "diff.external"):
        clone.git("config", name, sing)
    for name in ("merge.sing.driver", "core.fsmonitor", "core.sshCommand", "core.pager"):
        clone.git("config", name, sing)
    hooks = clone.folder / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "reference-transaction", "post-index-change", "pre-commit"):
        (hooks / name).write_text(f"#!/bin/sh\n{sing}\n")
        (hooks / name).chmod(0o755)
    assert not canary.exists()
    return clone


@pytest.mark.parametrize(
    "command",
    [
        ("preview", "--base", "main", "--head", "work", "--against", "main"),
        ("validate", "--rev", "work"),
        ("render", "--rev", "work", "--offline", "detector-line-1"),
    ],
)
def test_nothing_of_a_pull_request_is_run(
    clone: Clone, canary: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    person = Person(clone.folder / "fleet", capsys)
    assert person.starts(*command, "--env", "local").code == 0
    assert not canary.exists()


def test_a_link_out_of_the_repository_is_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clone = Clone.new(tmp_path / "clone")
    clone.commit(dict(example()))
    secret = tmp_path / "secret.yaml"
    secret.write_text("do-not-show: this\n")
    clone.git("checkout", "--quiet", "-b", "work")
    for path, target in ((SCORE, "/etc/passwd"), (LAYER, str(secret))):
        (clone.folder / path).unlink()
        (clone.folder / path).symlink_to(target)
    clone.commit()
    clone.git("checkout", "--quiet", "main")
    person = Person(clone.folder, capsys)
    told = ("--base", "main", "--head", "work", "--against", "main", "--env", "local")
    said = person.runs("preview", *told)
    assert said.name == "INVALID"
    assert "is a link out of the repository" in said.err
    assert "root:" not in said.out + said.err
    assert "do-not-show" not in said.out + said.err


def test_a_submodule_is_refused_with_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clone = Clone.new(tmp_path / "clone")
    clone.commit(dict(example()))
    clone.git("rm", "-r", "--quiet", "fleet/models/machine-temperature/weights")
    sha = clone.git("rev-parse", "HEAD")
    entry = f"160000,{sha},fleet/models/machine-temperature/weights"
    clone.git("update-index", "--add", "--cacheinfo", entry)
    clone.git("commit", "--quiet", "--message=submodule")
    said = Person(clone.folder, capsys).runs("validate", "--env", "local", "--rev", "HEAD")
    assert said.name == "INVALID"
    assert "is in a submodule" in said.err


def test_a_manifest_acts_on_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clone = Clone.new(tmp_path / "clone")
    files = dict(example())
    files[LAYER] = files[LAYER].replace(b"${logLevel}", b"a\\u202e\\x9bb")
    clone.commit(files)
    told = ("render", "detector-line-1", "--env", "local", "--offline")
    said = Person(clone.folder, capsys).runs(*told)
    assert said.out.isascii()
    assert "a\\u202e\\u009bb" in said.out
