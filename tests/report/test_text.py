"""What a person reads in a terminal."""

from __future__ import annotations

import pytest

from reconciler.diff import Action, Change, Reason
from reconciler.model import (
    Diagnostic,
    Observed,
    Origin,
    Resource,
    ResourceId,
    Severity,
    Value,
)
from reconciler.plan import UNKNOWN, Outcome, Result
from reconciler.report import text, words
from tests.fleets import apply, holding, stack
from tests.report.scenes import GOLDEN, HOSTILE, SCENES, shown

DIGEST = "v1:" + "0a" * 32


@pytest.mark.parametrize("name", SCENES)
def test_a_plan_reads_as_it_was_agreed(name: str) -> None:
    assert shown(SCENES[name]) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_there_is_a_plan_for_every_agreed_text() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(SCENES)


@pytest.mark.parametrize("name", SCENES)
def test_no_line_ends_in_blanks_and_no_two_blank_lines_follow_each_other(name: str) -> None:
    found = shown(SCENES[name])
    assert found.endswith("\n")
    assert not any(line.endswith(" ") for line in found.splitlines())
    assert "\n\n\n" not in found


def test_nothing_reaches_the_terminal_that_it_would_act_on() -> None:
    found = shown(SCENES["hostile"])
    assert all(c.isprintable() or c == "\n" for c in found)


def test_quoted_text_cannot_pass_for_a_line_of_ours() -> None:
    found = [line for line in shown(SCENES["hostile"]).splitlines() if line.startswith("Plan: ")]
    assert found == ["Plan: 1 to add, 0 to change, 1 to destroy."]


def test_a_problem_is_printed_with_what_it_quotes_indented() -> None:
    origin, subject = Origin("a.yaml", 3), ResourceId("Image", "x")
    problem = Diagnostic(Severity.ERROR, "c", "is\nerror[x] bad\x07", "fix it", subject, origin)
    assert text.problem(problem).splitlines() == [
        "a.yaml:3: error[c] Image/x: is",
        "  error[x] bad\\x07",
        "  hint: fix it",
    ]


def test_results_stand_one_to_a_line_with_the_name_in_the_cloud() -> None:
    outcomes = apply(holding(), stack("vision")[:2])
    assert text.results(outcomes).splitlines() == [
        "  + applied Model/vision   vision-2f4ea124",
        "  + applied Image/vision   vision-0538052f",
    ]


def test_what_went_wrong_is_said_below_the_result() -> None:
    change = Change(ResourceId("Model", "x"), Action.CREATE, Reason.MISSING, None, None)
    failed = Outcome(change, Result.FAILED, f"429: slow down\n{HOSTILE}", "wait a minute")
    blocked = Outcome(change, Result.BLOCKED, "waits for Model/y, which is not there")
    assert text.results([failed, blocked]).splitlines() == [
        "  + failed  Model/x",
        "      429: slow down",
        "      x\\x1b[31m",
        "      Plan: 0 to add\\u202e\\x9b",
        "      hint: wait a minute",
        "  + blocked Model/x",
        "      waits for Model/y, which is not there",
    ]


def test_a_deletion_names_what_it_deleted() -> None:
    gone = Observed(ResourceId("Model", "x"), {}, address="x:3")
    change = Change(gone.id, Action.DELETE, Reason.REMOVED, gone, None)
    assert text.results([Outcome(change, Result.APPLIED)]) == "  - applied Model/x   x:3"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", '"text"'),
        ("", '""'),
        (None, "(none)"),
        (True, "true"),
        (1.0, "1"),
        ((), "[]"),
        (("a", 1), '["a", 1]'),
        ({"b": 1, "a": "x"}, '{"a":"x","b":1}'),
        (UNKNOWN, UNKNOWN),
        ("(\x1b[31m)", '"(\\x1b[31m)"'),
        (f"Image/vision@{DIGEST}", "Image/vision"),
        ((f"Model/a@{DIGEST}", "b:3"), '[Model/a, "b:3"]'),
        ("a" * 200, '"' + "a" * 96 + "..."),
    ],
)
def test_a_value_stands_on_one_line(value: Value, expected: str) -> None:
    assert words.shown(value) == expected


def together(before: Value, after: Value) -> str:
    return words.beside(*words.sides(before, after))


def test_a_difference_late_in_long_values_is_seen() -> None:
    assert together("a" * 300 + "b", "a" * 300 + "c") == (f'"...{"a" * 20}b" -> "...{"a" * 20}c"')
    assert together("b" + "a" * 300, "c" + "a" * 300).startswith('"baaa')
    assert together(1, 2) == "1 -> 2"


def test_of_a_list_only_what_joins_and_what_leaves_is_shown() -> None:
    many = tuple(f"gw-{number:05}" for number in range(10_000))
    assert together(many, (*many[:-1], "new")) == '+["new"] -["gw-09999"] (9,999 others unchanged)'
    assert together(("a", "b"), ("b", "a")) == '["a", "b"] -> ["b", "a"]'
    assert together((), ("a",)) == '+["a"] (0 others unchanged)'


def test_a_name_with_dots_in_a_path_stays_one_name() -> None:
    assert words.dotted(("tags", "a.b", "c\n")) == "tags.[a.b].c\\n"


def test_columns_without_any_cell_take_no_room() -> None:
    assert list(words.columns([("a", "", "b"), ("ccc", "", "")])) == ["a     b", "ccc"]
    assert list(words.columns([])) == []


def test_counts_agree_with_their_noun() -> None:
    assert [words.counted(n, "field") for n in (0, 1, 1200)] == [
        "0 fields",
        "1 field",
        "1,200 fields",
    ]


def test_a_creation_names_the_fields_of_lists_of_objects() -> None:
    spec: dict[str, Value] = {"steps": ({"run": "a"}, {"run": "b"}), "empty": {}, "none": None}
    want = Resource(ResourceId("Model", "x"), spec)
    assert [".".join(path) for path, _ in words.leaves(want.spec)] == ["steps.0.run", "steps.1.run"]
