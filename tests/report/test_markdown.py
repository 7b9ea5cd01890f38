"""The comment on a pull request."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from reconciler.diff import Action, Change, Reason
from reconciler.model import Observed, ResourceId
from reconciler.plan import Plan
from reconciler.plan.entries import entries
from reconciler.report import markdown
from reconciler.report.about import About
from reconciler.report.markup import code, fence, link, marker, prose, row
from tests.report.comment import rendered
from tests.report.scenes import SCENES
from tests.report.showcase import large
from tests.report.test_impact import MORE, scene

ABOUT = About("sha256:e7b4", "2026-03-14T09:26:53+00:00", "https://ci.example/runs/1")
LARGE = large(60)


def tree(comment: str) -> LexborHTMLParser:
    return LexborHTMLParser(rendered(comment))


def rows(comment: str) -> list[list[str]]:
    return [[cell.text() for cell in line.css("td")] for line in tree(comment).css("tbody tr")]


def balanced(comment: str) -> bool:
    """Whether every fold is closed and every fence has an end."""
    folds = [len(re.findall(f"^<{tag}>", comment, re.MULTILINE)) for tag in ("details", "/details")]
    return folds[0] == folds[1] and len(re.findall("^```", comment, re.MULTILINE)) % 2 == 0


def test_a_comment_begins_with_its_mark_and_ends_with_where_it_comes_from() -> None:
    lines = markdown.render(SCENES["rotated"](), ABOUT).splitlines()
    assert lines[0] == "<!-- reconciler:plan:v1 env=prod -->"
    assert lines[3] == "**Plan: 1 to add, 0 to change, 1 to destroy.**"
    assert lines[-1] == (
        "<sub>commit `3f2c9e100000` · digest `sha256:e7b4` · live state read at "
        "`2026-03-14 09:26:53 UTC`: 5 live objects in 14 requests · "
        "[the whole plan](https://ci.example/runs/1)</sub>"
    )


def test_every_change_is_a_row_of_the_table() -> None:
    assert rows(markdown.render(SCENES["replacement"](), ABOUT)) == [
        ["+", "Model/vision", "will be created (new content; what was built before is kept)", ""],
        ["+", "Image/vision", "will be created (new content; what was built before is kept)", ""],
        [
            "+/-",
            "Deployment/vision",
            "must be replaced (its content is immutable)",
            "vision-2904213b → vision-fe063561",
        ],
    ]


def test_a_difference_has_its_signs_in_the_first_column() -> None:
    comment = markdown.render(SCENES["update"](), ABOUT)
    assert (
        '```diff\n- devices: ["gw-2"]\n+ devices: ["gw-3"] (1 other unchanged)\n'
        "- targetCondition: " in comment
    )
    secret = markdown.render(SCENES["rotated"](), ABOUT)
    assert "```diff\n! RegistryCredential/registry: (sensitive value, changed)\n" in secret


def test_a_long_difference_is_folded_and_a_short_one_is_not() -> None:
    comment = markdown.render(SCENES["replacement"](), ABOUT)
    assert "<details>" not in comment
    long = replace(SCENES["hidden"](), waves=(_creation(13),))
    assert "<summary><code>+</code> <code>Lock/door</code>: 13 lines</summary>" in markdown.render(
        long, ABOUT
    )
    assert "<details>" not in markdown.render(replace(long, waves=(_creation(12),)), ABOUT)


def _creation(fields: int) -> tuple[Change, ...]:
    [[_, first]] = SCENES["hidden"]().waves
    assert first.after is not None
    spec = {f"field{number}": "x" for number in range(fields)}
    want = replace(first.after, id=ResourceId("Lock", "door"), spec=spec)
    return (Change(want.id, Action.CREATE, Reason.MISSING, None, want, content=spec),)


def test_the_devices_are_counted_beside_each_change_and_listed_below() -> None:
    comment = markdown.render(scene(MORE), ABOUT)
    assert rows(comment)[2][-1] == "412\xa0of\xa03,120"
    assert (
        "- **400 devices**, such as `gw-1`: `vision-22 + detector-33` — app restarts; " in comment
    )
    assert "- **12 devices**, such as `gw-\\x1b7`: no base is left\n" in comment


def test_what_is_wrong_stands_above_the_fields() -> None:
    comment = markdown.render(SCENES["refused"](), ABOUT)
    assert "**This plan cannot be applied: 2 errors, see below.**" in comment
    assert "- **error** `guard.deletes` the plan deletes 4 of 7 objects (57.1 %), the" in comment


def test_a_stale_plan_says_so_first() -> None:
    comment = markdown.render(SCENES["update"](), replace(ABOUT, stale="a commit came since"))
    assert comment.splitlines()[3] == "> **This plan is stale:** a commit came since"


def test_nothing_to_do_is_a_sentence_without_a_table() -> None:
    comment = markdown.render(SCENES["nothing"](), ABOUT)
    assert "**No changes. Your infrastructure matches the configuration.**" in comment
    assert "|" not in comment


@pytest.mark.parametrize("name", SCENES)
def test_every_plan_makes_a_whole_comment(name: str) -> None:
    assert balanced(markdown.render(SCENES[name](), ABOUT))


@pytest.mark.parametrize("budget", [150_000, 65_536, 40_000, 25_000])
def test_whatever_is_left_out_the_table_is_whole(budget: int) -> None:
    comment = markdown.render(LARGE, ABOUT, budget)
    assert len(comment.encode()) <= budget
    assert balanced(comment)
    assert [line[1] for line in rows(comment)] == [str(e.change.id) for e in entries(LARGE)]


def test_what_is_left_out_is_counted_and_the_reader_sent_to_the_whole() -> None:
    comment = markdown.render(LARGE, ABOUT, 40_000)
    shown = comment.count("```diff")
    assert 0 < shown < 210
    assert (
        f"**Left out for lack of room:** the fields of {210 - shown} changes. "
        "All of it is in [the whole plan](https://ci.example/runs/1).\n" in comment
    )
    assert "Left out" not in markdown.render(LARGE, ABOUT, 150_000)


def test_more_changes_than_there_are_lines_for_are_all_counted() -> None:
    comment = markdown.render(LARGE, ABOUT, 3_000)
    assert len(comment.encode()) <= 3_000
    assert sum(int(line[-1]) for line in rows(comment)) == len(list(entries(LARGE)))


def test_a_long_list_says_how_long_it_is() -> None:
    comment = markdown.render(_with_extras(25), ABOUT)
    assert "- `Image/x19` `x19`: no longer in git; nothing is deleted without prune\n" in comment
    assert "- and 5 more\n" in comment


def _with_extras(count: int) -> Plan:
    gone = [
        Observed(ResourceId("Image", f"x{number:02}"), {}, owned=True, address=f"x{number:02}")
        for number in range(count)
    ]
    kept = tuple(Change(each.id, Action.NOOP, Reason.EXTRA, each, None) for each in gone)
    return replace(SCENES["nothing"](), unchanged=kept)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [("prod", "prod"), ("a--b", "a-%2Db"), ("-->", "-%2D%3E"), ("é\n", "%C3%A9%0A")],
)
def test_no_name_ends_the_mark_early(environment: str, expected: str) -> None:
    assert marker("plan", environment) == f"<!-- reconciler:plan:v1 env={expected} -->"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("a", "`a`"),
        ("`a", "`` `a ``"),
        ("a``b", "```a``b```"),
        (" ", "` `"),
        (" a ", "`  a  `"),
        ("a\n@<b", "`a\\n\\u0040<b`"),
        ("`" * 9, "`" + "\\u0060" * 9 + "`"),
        ("x" * 200, "`" + "x" * 117 + "...`"),
    ],
)
def test_code_holds_any_text(text: str, expected: str) -> None:
    assert code(text) == expected


@pytest.mark.parametrize("text", ["a", "`a", "a``b", " a ", "a|b", "\\", "\\|", "|", "`|`"])
def test_a_cell_shows_what_it_was_given(text: str) -> None:
    table = "\n".join([row(["x", "y"]), row(["---", "---"]), row([code(text), "end"])])
    assert rows(table) == [[text, "end"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it's a well-known word (57.1 %), 1,200 times.",) * 2,
        ('the group "gateways", at site/a.yaml.', 'the group "gateways", at `site/a.yaml`.'),
        ("pass --allow deletes@DIGEST with it", "pass `--allow deletes@DIGEST` with it"),
        ("ask @admin about #1", "ask `@admin` about `#1`"),
        ("commit deadbeef and GH-1", "commit `deadbeef` and `GH-1`"),
        ("a\nb", "`a\\nb`"),
        ("pull a.io/b:1, c.io/d:2 x.io/y:3", "pull `a.io/b:1`, `c.io/d:2 x.io/y:3`"),
    ],
)
def test_in_a_sentence_words_stay_words_and_the_rest_is_code(text: str, expected: str) -> None:
    assert prose(text) == expected


def test_a_fence_is_longer_than_any_inside() -> None:
    assert list(fence(["+ ````x"], "diff")) == ["`````diff", "+ ````x", "`````"]


def test_only_a_plain_address_becomes_a_link() -> None:
    assert link("https://ci.example/1?a=b", "the run") == "[the run](https://ci.example/1?a=b)"
    assert link("javascript:alert(1)", "the run") == "the run: `javascript:alert(1)`"
    assert link("https://x.example/)[", "the run") == "the run: `https://x.example/)[`"
