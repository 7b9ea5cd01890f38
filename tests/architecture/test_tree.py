"""The tree must stay what its names promise."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.registry import KINDS

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "reconciler").rglob("*.py"))
FOLDERS = sorted(path.parent.name for path in (ROOT / "reconciler/kinds").glob("*/spec.py"))
KIND_FILES = {"__init__", "spec", "health", "azure"}
OURS = ("reconciler", "tests", "fleet", "docs", "schemas", "templates", ".ci", ".github")
TEXT = {
    "",
    ".cfg",
    ".ini",
    ".json",
    ".jsonl",
    ".lock",
    ".md",
    ".py",
    ".sh",
    ".toml",
    ".yaml",
    ".yml",
}

# Each may go down, and never up.
EXCEPTIONS = {"# noqa": 24, "# type: ignore": 0, "# pragma: no cover": 0}

SDKS = ("azure", "azureml", "msrest", "msrestazure")
SLOW = (*SDKS, "git", "jsonschema", "yaml", "rich", "requests", "starlette", "deepdiff")


def test_every_kind_folder_is_registered() -> None:
    assert sorted(name.lower() for name in KINDS) == [name.replace("_", "") for name in FOLDERS]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_kind_has_a_schema_a_page_and_cases(folder: str) -> None:
    assert (ROOT / f"schemas/{folder}.schema.json").is_file()
    assert (ROOT / f"docs/kinds/{folder}.md").is_file()
    tests = ROOT / "tests/kinds" / folder
    assert [*tests.glob("cases/*.yaml"), *tests.glob("test_*.py")] != []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_kind_folder_holds_the_files_of_every_kind_and_parts_of_its_rules(folder: str) -> None:
    files = {path.stem: path for path in (ROOT / "reconciler/kinds" / folder).glob("*.py")}
    package = f"reconciler.kinds.{folder}"
    parts = {name.removeprefix(f"{package}.") for name in imported(files["spec"])}
    assert files.keys() <= KIND_FILES | parts


def imported(path: Path) -> Iterator[str]:
    """Every module that the file names in an import."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_no_file_is_too_long_to_read() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path.name: length for path, length in lengths.items() if length > 300} == {}


def test_no_module_is_named_after_nothing() -> None:
    names = {part for path in SOURCES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert names & {"utils", "util", "helpers", "helper", "common", "manager", "misc"} == set()


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def sees_an_sdk(path: Path) -> bool:
    """Whether it is one of the files that may, by the import contracts."""
    inside = path.relative_to(ROOT / "reconciler").parts
    return inside[:2] == ("providers", "azure") or (inside[0], inside[-1]) == ("kinds", "azure.py")


def test_everything_but_the_azure_files_imports_without_the_sdks() -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in SOURCES
        if not sees_an_sdk(path) and path.name != "__main__.py"
    ]
    assert len(modules) > 50
    run(
        "import importlib, sys\n"
        f"sys.modules.update(dict.fromkeys({SDKS}))\n"
        f"for name in {modules}: importlib.import_module(name)"
    )


def test_asking_for_the_version_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from reconciler.cli import main\n"
        "code = main(['--version'])\n"
        f"print(code, sorted(sys.modules.keys() & {set(SLOW)}))"
    )
    assert run(code).splitlines()[-1] == "0 []"


def test_exceptions_from_the_rules_only_become_fewer() -> None:
    code = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))]
    text = "\n".join(path.read_text(encoding="utf-8") for path in code if path != Path(__file__))
    found = {mark: text.count(mark) for mark in EXCEPTIONS}
    assert {mark: n for mark, n in found.items() if n > EXCEPTIONS[mark]} == {}


def our_files() -> Iterator[Path]:
    """Every text file of the project that a person writes or a tool locks."""
    yield from (path for path in ROOT.iterdir() if path.is_file())
    for folder in OURS:
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file())


def test_no_file_names_a_package_registry() -> None:
    hosts = [
        f"{name}.{domain}"
        for name, domain in [
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "org"),
            ("npmjs", "com"),
            ("crates", "io"),
            ("anaconda", "com"),
            ("anaconda", "org"),
        ]
    ]
    files = [
        path for path in our_files() if path.suffix in TEXT and "__pycache__" not in path.parts
    ]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    assert texts.keys() >= {ROOT / "pyproject.toml", ROOT / "requirements.lock", ROOT / "README.md"}
    naming = [str(path) for path, text in texts.items() if any(host in text for host in hosts)]
    assert naming == []
