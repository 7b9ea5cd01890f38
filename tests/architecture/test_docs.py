"""What the pages say is what the tool does: their links, their YAML and their commands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from reconciler.cli import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TUTORIAL = ROOT / "docs" / "tutorial.md"
DEVICES = ROOT / "docs" / "devices.md"
README = ROOT / "README.md"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GENERATION = re.compile(r"-[0-9a-f]{8}\b")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")

SHELL = """
set -o pipefail
export PATH="$1:$PATH" PYTHONPATH="$2" PYTHONDONTWRITEBYTECODE=1 NO_COLOR=1
export GIT_AUTHOR_NAME=reader GIT_AUTHOR_EMAIL=reader@example.com
export GIT_COMMITTER_NAME=reader GIT_COMMITTER_EMAIL=reader@example.com
eval "$3"
"""


@dataclass(frozen=True)
class Step:
    """One command of a page and the lines that it shows beneath."""

    command: str
    shown: tuple[str, ...]


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> list[str]:
    return [text for found, text in FENCE.findall(page.read_text("utf-8")) if found == language]


def steps(block: str) -> Iterator[Step]:
    """The commands of a console block: a line that starts with `$ `, and what it printed."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield Step(command, lines(shown))


def lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.splitlines() if line.strip())


def not_printed(shown: tuple[str, ...], printed: str) -> list[str]:
    """The shown lines that were not printed in this order; `...` stands for anything."""
    left = map(spaced, lines(printed))
    return [
        line
        for line in shown
        if line.strip() != "..." and not any(pattern(line).fullmatch(found) for found in left)
    ]


def pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in spaced(line).split("...")))


def spaced(line: str) -> str:
    """With one blank between words, and any generation: neither is a promise of a page."""
    return GENERATION.sub("-", " ".join(line.split()))


def in_workspace(workspace: Path, command: str) -> str:
    ran = subprocess.run(
        ["bash", "-c", SHELL, "bash", workspace / "bin", ROOT, command],
        cwd=workspace / "repository",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"$ {command}\n{ran.stdout}"
    return ran.stdout


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A git repository with the example fleet, and the command `reconciler`."""
    command = tmp_path / "bin" / "reconciler"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reconciler "$@"\n')
    command.chmod(0o755)
    shutil.copytree(
        ROOT / "fleet",
        tmp_path / "repository" / "fleet",
        ignore=shutil.ignore_patterns(".reconciler", "__pycache__"),
    )
    in_workspace(tmp_path, "git init -q . && git add . && git commit -qm 'A fleet'")
    return tmp_path


def test_the_tutorial_prints_what_it_and_other_pages_show(workspace: Path) -> None:
    printed = ""
    for step in [step for block in blocks(TUTORIAL, "console") for step in steps(block)]:
        said = in_workspace(workspace, step.command)
        assert not_printed(step.shown, said) == [], f"$ {step.command}\n{said}"
        printed += said
    excerpts = [*blocks(README, "text"), blocks(DEVICES, "text")[-1]]
    assert len(excerpts) == 3
    for excerpt in excerpts:
        assert not_printed(lines(excerpt), printed) == []


def test_the_page_on_devices_prints_what_it_shows(workspace: Path) -> None:
    for step in [step for block in blocks(DEVICES, "console") for step in steps(block)]:
        said = in_workspace(workspace, step.command)
        assert not_printed(step.shown, said) == [], f"$ {step.command}\n{said}"


def test_the_picture_on_the_page_on_devices_is_what_graph_draws(workspace: Path) -> None:
    command = "reconciler graph --env local --devices fleet/devices.jsonl"
    assert f"`{command}`" in DEVICES.read_text("utf-8")
    assert blocks(DEVICES, "mermaid") == [in_workspace(workspace, command)]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    targets = [target.partition("#")[0] for target in LINK.findall(page.read_text("utf-8"))]
    local = [target for target in targets if target and "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_document_shown_on_a_page_satisfies_its_schema(page: Path) -> None:
    for block in blocks(page, "yaml"):
        for document in yaml.safe_load_all(block):
            if isinstance(document, dict) and document.keys() >= {"apiVersion", "kind"}:
                Draft202012Validator(schema(document["kind"])).validate(document)


def schema(kind: str) -> dict[str, object]:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()
    found: dict[str, object] = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text())
    return found


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_quick_start_names_targets_that_exist(target: str) -> None:
    assert f"make {target}" in README.read_text("utf-8")
    assert re.search(
        rf"^[\w -]*\b{target}\b[\w -]*:", (ROOT / "Makefile").read_text(), re.MULTILINE
    )


def test_the_readme_lists_every_command() -> None:
    listed = re.findall(r"^\| `reconciler (\w+)` \|", README.read_text("utf-8"), re.MULTILINE)
    assert listed == list(COMMANDS)


def test_every_dependency_has_a_line_of_reason() -> None:
    page = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text("utf-8")
    reasons = {
        name
        for row in re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE)
        for name in row.split(", ")
    }
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    tables = re.findall(r"^(?:dependencies|dev) = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    required = set(re.findall(r'^ +"([\w.-]+?)[=<>]', "".join(tables), re.MULTILINE))
    assert len(tables) == 2
    assert reasons - {"Package"} == required


def test_a_line_that_was_not_printed_is_found() -> None:
    shown = ("one ... three", "...", "last")
    assert not_printed(shown, "one two  three\nmore\nlast\n") == []
    assert not_printed(shown, "last\none two three\n") == ["last"]
