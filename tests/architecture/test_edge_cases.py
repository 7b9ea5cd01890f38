"""The page of edge cases names tests that exist, and says something of every case."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/edge-cases.md"
ROW = re.compile(r"^\| (\d+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
LAST = 112
NO_TEST = ("not yet", "not a behaviour")


@cache
def names_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def rows() -> dict[int, str]:
    """What covers each case."""
    return {int(number): covered for number, _, _, covered in ROW.findall(PAGE.read_text("utf-8"))}


def test_every_case_stands_there_once_and_in_order() -> None:
    numbers = [int(found[0]) for found in ROW.findall(PAGE.read_text("utf-8"))]
    assert numbers == list(range(1, LAST + 1))


def test_every_case_has_a_test_or_a_reason() -> None:
    bare = [
        number
        for number, covered in rows().items()
        if not NAMED.search(covered) and not covered.startswith(NO_TEST)
    ]
    assert bare == []


def test_the_tests_that_are_named_exist() -> None:
    missing = [
        f"{file}::{name}"
        for file, name in NAMED.findall(PAGE.read_text("utf-8"))
        if not (ROOT / "tests" / file).is_file() or name not in names_in(ROOT / "tests" / file)
    ]
    assert missing == []
