"""Single fields of YAML files change; every other line stays."""

from __future__ import annotations

import pytest

from reconciler.model import Value
from reconciler.source.edit import Addition, Edit, EditError, edited

TEXT = """\
# The gateways.
apiVersion: reconciler/v1
kind: Deployment
metadata: {name: gateway}   # by site
spec:
  priority: 10  # below all layers

  labels:
    team: edge   # who answers
    site: 'plant'
  modules:
    sensor:
      image: "contoso.azurecr.io/sensor:1"
      env: {RATE: 5, NAME: "a, b"}
      note: |
        two
        lines
    # the last one
    other: &other
      image: x/y:1
  devices:
    - gw-1   # the first
    - gw-2
    - 'gw-3'
# The end.
---
kind: Second
"""


def changed(*edits: Edit) -> tuple[list[str], list[str]]:
    """The lines that went and the lines that came."""
    before, after = TEXT.splitlines(), edited(TEXT, 2, edits).splitlines()
    return [x for x in before if x not in after], [x for x in after if x not in before]


@pytest.mark.parametrize(
    ("path", "value", "gone", "came"),
    [
        (
            "spec.priority",
            30,
            ["  priority: 10  # below all layers"],
            ["  priority: 30  # below all layers"],
        ),
        ("spec.labels.site", "weu", ["    site: 'plant'"], ["    site: weu"]),
        ("spec.labels.site", "1", ["    site: 'plant'"], ["    site: '1'"]),
        ("spec.labels.team", None, ["    team: edge   # who answers"], []),
        ("spec.labels.line", "7", [], ["    line: '7'"]),
        ("spec.metrics.up", "SELECT x", [], ["  metrics:", "    up: SELECT x"]),
        (
            "spec.modules.sensor.env.RATE",
            6,
            ['      env: {RATE: 5, NAME: "a, b"}'],
            ['      env: {RATE: 6, NAME: "a, b"}'],
        ),
        (
            "spec.modules.sensor.env.RATE",
            None,
            ['      env: {RATE: 5, NAME: "a, b"}'],
            ['      env: {NAME: "a, b"}'],
        ),
        (
            "spec.modules.sensor.env.NAME",
            None,
            ['      env: {RATE: 5, NAME: "a, b"}'],
            ["      env: {RATE: 5}"],
        ),
        (
            "spec.modules.sensor.env.MORE",
            "x",
            ['      env: {RATE: 5, NAME: "a, b"}'],
            ['      env: {RATE: 5, NAME: "a, b", MORE: x}'],
        ),
        (
            "spec.modules.sensor.note",
            "one",
            ["      note: |", "        two", "        lines"],
            ["      note: one"],
        ),
        (
            "spec.labels",
            {"a": "b"},
            ["    team: edge   # who answers", "    site: 'plant'"],
            ["    a: b"],
        ),
        (
            "spec.priority",
            {"a": 1},
            ["  priority: 10  # below all layers"],
            ["  priority:", "    a: 1  # below all layers"],
        ),
        ("spec.devices", ("gw-1", "gw-3", "gw-4"), ["    - gw-2"], ["    - gw-4"]),
        (
            "metadata.labels",
            {"a": "b"},
            ["metadata: {name: gateway}   # by site"],
            ["metadata: {name: gateway, labels: {a: b}}   # by site"],
        ),
    ],
)
def test_one_field_changes_and_nothing_else(
    path: str, value: Value, gone: list[str], came: list[str]
) -> None:
    assert changed(Edit(tuple(path.split(".")), value)) == (gone, came)


def test_the_only_field_of_a_mapping_leaves_it_empty() -> None:
    first = edited(TEXT, 2, [Edit(("spec", "labels", "team"), None)])
    assert "  labels: {}\n" in edited(first, 2, [Edit(("spec", "labels", "site"), None)])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: &x 1\nb: *x\n", "anchor"),
        ("a: 2\nb: '${site}-1'\n", "variable"),
        ("a: 2\nb: !!str 1\n", "tag"),
    ],
)
def test_what_is_not_written_there_is_not_changed(text: str, why: str) -> None:
    with pytest.raises(EditError, match=why):
        edited(text, 1, [Edit(("b",), 3)])


def test_a_field_of_a_list_is_not_changed() -> None:
    with pytest.raises(EditError, match="in a list"):
        edited("a: [1]\n", 1, [Edit(("a", "0"), 3)])


def test_a_list_on_one_line_keeps_its_order() -> None:
    text = "a: [gw-2, gw-1]  # two\n"
    assert edited(text, 1, [Edit(("a",), ("gw-1", "gw-2", "gw-3"))]) == (
        "a: [gw-2, gw-1, gw-3]  # two\n"
    )


def test_an_item_is_added_to_a_list_that_is_there_and_to_one_that_is_not() -> None:
    first = edited("a: 1\n", 1, [Addition(("b", "c"), {"x": {"w": 1}, "z": "2"})])
    assert first == "a: 1\nb:\n  c:\n    - x:\n        w: 1\n      z: '2'\n"
    second = edited(first, 1, [Addition(("b", "c"), {"x": {}})])
    assert second == first + "    - x: {}\n"


def test_the_last_item_makes_room_for_another() -> None:
    text = "a:\n- x\n- y\nb: 1\n"
    assert edited(text, 1, [Edit(("a",), ("x", "z"))]) == "a:\n- x\n- z\nb: 1\n"


def test_the_second_document_of_a_file_changes_alone() -> None:
    after = edited(TEXT, TEXT.splitlines().index("kind: Second") + 1, [Edit(("kind",), "Third")])
    assert after == TEXT.replace("Second", "Third")
