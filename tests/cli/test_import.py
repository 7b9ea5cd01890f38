"""`import` as a person runs it."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from reconciler.cli.exits import Exit
from reconciler.cli.import_ import command
from tests.edge.manifests import base, module


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "vision.json"
    path.write_text(json.dumps({"modulesContent": base(detector=module())}))
    return path


def run(*arguments: str | Path) -> tuple[Exit, Result]:
    result = CliRunner().invoke(
        command, [str(argument) for argument in arguments], standalone_mode=False
    )
    if result.exception:
        raise result.exception
    code: Exit = result.return_value
    return code, result


def test_a_manifest_becomes_a_file_of_documents(good: Path, tmp_path: Path) -> None:
    code, result = run("--manifest", good, "--out", tmp_path / "fleet")
    target = tmp_path / "fleet/vision.yaml"
    assert (code, result.stdout) == (Exit.OK, f"{target}\n")
    (document,) = yaml.safe_load_all(target.read_text())
    assert document["metadata"] == {"name": "vision"}


def test_one_bad_file_does_not_keep_the_others_from_being_written(
    good: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.json"
    content = base(detector={**module(), "status": "Stopped"})
    bad.write_text(json.dumps({"modulesContent": content}, indent=2))
    code, result = run("--manifest", bad, "--out", tmp_path / "fleet", good)
    assert code is Exit.INVALID
    assert (tmp_path / "fleet/vision.yaml").exists()
    assert not (tmp_path / "fleet/bad.yaml").exists()
    line = 1 + bad.read_text().splitlines().index('            "status": "Stopped",')
    assert f"{bad}:{line}:13: error[module.status]" in result.stderr
    assert 'hint: did you mean "stopped"?' in result.stderr


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{", b"[]", b'"x"', b"{}"])
def test_no_file_makes_it_crash(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    code, result = run("--manifest", path, "--out", tmp_path / "fleet")
    assert code is Exit.INVALID
    assert f"{path}:1" in result.stderr


def test_no_name_in_a_file_reaches_the_terminal_as_a_command(tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(base(**{"\x1b[2J": module()})))
    code, result = run("--manifest", path, "--out", tmp_path / "fleet")
    assert code is Exit.INVALID
    assert "\x1b" not in result.stderr


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    code, result = run("--manifest", tmp_path / "none.json", "--out", tmp_path)
    assert code is Exit.INVALID
    assert "No such file" in result.stderr


def test_nothing_is_written_over(good: Path, tmp_path: Path) -> None:
    (tmp_path / "vision.yaml").write_text("mine")
    code, result = run("--manifest", good, "--out", tmp_path)
    assert code is Exit.INVALID
    assert (tmp_path / "vision.yaml").read_text() == "mine"
    assert "is there already" in result.stderr
