"""The page on problems: each example is planned, and says just what the page says."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler import app
from reconciler.app.places import with_places
from reconciler.apply import execute
from reconciler.edge import plain
from reconciler.edge.lint.module import CHOICES
from reconciler.model import Diagnostic, Observed, ResourceId, mapping
from reconciler.plan import Result
from reconciler.providers.memory import MemoryCloud
from reconciler.registry import KINDS
from tests.architecture.test_docs import FENCE, ROOT

PAGE = ROOT / "docs" / "lints.md"
SECTION = re.compile(r"^## `([a-z.-]+)`\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `([\w.-]+)` \| (error|warning|either) \| (.+) \|$", re.MULTILINE)
CODE = re.compile(r"[a-z]+\.(?!(?:yaml|yml|json|jsonl|log|css|js|io)$)[a-zA-Z]+(-[a-z]+)*")
NO_CODES = {"azure.identity", "properties.desired", "run.begun", "run.ended"}
"""Texts that only look like codes."""
SPELT_OUT = {
    "credential.password",
    "credential.username",
    "environment.none",
    "environment.several",
    "environment.unknown",
    "guard.deletes",
    "guard.devices",
    "guard.replaces",
    "route.priority",
    "route.timeToLiveSecs",
    "schema",
    *(f"module.{field}" for field in CHOICES),
}
"""Codes that the source puts together, or that are one word."""


@dataclass(frozen=True)
class Example:
    """A fleet that has a problem: as it was applied before, as it is now, and what is there."""

    code: str
    fleets: tuple[str, ...]
    devices: str
    hub: str
    said: str


def examples() -> Iterator[Example]:
    for code, body in SECTION.findall(PAGE.read_text("utf-8")):
        blocks = FENCE.findall(body)
        of = {sort: [text for found, text in blocks if found == sort] for sort, _ in blocks}
        yield Example(
            code,
            tuple(of["yaml"]),
            "".join(of.get("jsonl", ())),
            "".join(of.get("json", ("[]",))),
            "".join(of["text"]),
        )


EXAMPLES = tuple(examples())


def written(folder: Path, text: str) -> app.Fleet:
    """The example beside the two files that the page begins with."""
    root, environment = (text for sort, text in FENCE.findall(HEAD) if sort == "yaml")
    folder.mkdir(exist_ok=True)
    (folder / "reconciler.yaml").write_text(root)
    (folder / "local.yaml").write_text(environment)
    (folder / "example.yaml").write_text(text)
    return app.read_fleet(folder, folder, None)


HEAD = PAGE.read_text("utf-8").partition("\n## ")[0]


def foreign(text: str) -> Iterator[Observed]:
    """Deployments of somebody else, as the hub lists them."""
    for each in json.loads(text):
        told = mapping(plain(each))
        own = ResourceId("Deployment", str(told["id"]))
        yield Observed(own, told, address=str(told["id"]), content=told)


def problems(example: Example, folder: Path) -> Iterator[Diagnostic]:
    """Everything that validating and then planning the example says."""
    cloud: MemoryCloud | None = None
    for text in example.fleets:
        fleet = written(folder, text)
        if not fleet.valid:
            yield from fleet.diagnostics
            return
        cloud = cloud or MemoryCloud.of(KINDS, fleet.scope)
        for each in foreign(example.hub):
            cloud.hold(each)
        plan = app.make_plan(fleet, cloud.provider, retry_failed=False)
        if text is not example.fleets[-1]:
            results = {outcome.result for outcome in execute(plan, cloud.provider)}
            assert results == {Result.APPLIED}
            continue
        devices = folder / "devices.jsonl"
        devices.write_text(example.devices)
        given = app.DeviceFile(devices, devices.name)
        yield from with_places(
            fleet, app.with_impact(plan, plan, cloud.provider, given)
        ).diagnostics
        assert given.problems == []


@pytest.mark.parametrize("example", EXAMPLES, ids=[each.code for each in EXAMPLES])
def test_an_example_says_what_the_page_says(example: Example, tmp_path: Path) -> None:
    said = "\n".join(map(str, problems(example, tmp_path / "fleet")))
    assert said.replace(f"{tmp_path}/", "") == example.said.rstrip("\n")
    assert f"[{example.code}]" in said


def test_every_code_is_on_the_page_and_no_other() -> None:
    page = PAGE.read_text("utf-8")
    sections = [code for code, _ in SECTION.findall(page)]
    rows = [code for code, _, _ in ROW.findall(page)]
    assert sections == sorted(set(sections))
    assert rows == sorted(set(rows))
    assert set(rows) ^ codes() == set(), "docs/lints.md lists all codes at its end"
    assert set(sections) <= set(rows)


def test_each_example_has_the_severity_that_the_table_gives() -> None:
    table = {code: severity for code, severity, _ in ROW.findall(PAGE.read_text("utf-8"))}
    wrong = [each.code for each in EXAMPLES if f"{table[each.code]}[{each.code}]" not in each.said]
    assert [code for code in wrong if table[code] != "either"] == []


def codes() -> set[str]:
    """Every text in the source that stands where a code stands."""
    folders = [f for f in (ROOT / "reconciler").rglob("*.py") if "emulator" not in f.parts]
    found = {code for file in folders for code in in_source(ast.parse(file.read_text("utf-8")))}
    return (found - NO_CODES) | SPELT_OUT


def in_source(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str() as text) if CODE.fullmatch(text):
                yield text
            case _:
                continue
