"""The proof itself: it counts, and it notices."""

from __future__ import annotations

from collections import Counter

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.prove.hostile import FORMS, SAMPLE, SENT, elements, outside_of_code, run
from tests.prove.hostile_texts import TOTAL, sample, texts
from tests.report.comment import rendered


def test_no_text_gets_out_of_its_place() -> None:
    verdict = run(sample(SAMPLE))
    assert verdict.tried == 2 * SAMPLE * len(FORMS)
    assert verdict.violations == ()


def test_there_are_a_hundred_texts_and_each_is_another() -> None:
    assert len(set(texts())) == TOTAL


@pytest.mark.parametrize(
    "comment",
    ["<b>x</b>", "[x](https://evil.example)", "![](x)", "www.example.com", "# x", "> x", "~~x~~"],
)
def test_an_element_too_many_is_a_violation(comment: str) -> None:
    usual = Counter({"html": 1, "head": 1, "body": 1, "p": 1})
    assert list(elements(rendered(comment), usual, set())) != []
    assert list(elements(rendered("x"), usual, set())) == []


@pytest.mark.parametrize(
    "said", ["hello @admin", "see #1", "GH-1", "3f2c9e1a", "a@b.example", "!1", ":shipit:"]
)
def test_what_a_service_would_act_on_is_a_violation(said: str) -> None:
    for comment, found in ((said, True), (f"`{said}`", False), (f"```\n{said}\n```", False)):
        outside = outside_of_code(LexborHTMLParser(rendered(comment)).root)
        assert any(SENT.search(text) for text in outside) is found
