"""One plan in its forms, as commands print them."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.cli.person import Person


def test_a_plan_is_printed_as_a_comment(person: Person) -> None:
    said = person.runs("plan", "--format", "markdown", "--detailed-exitcode")
    assert (said.name, said.err) == ("CHANGES", "")
    lines = said.out.splitlines()
    assert lines[0].startswith("<!-- reconciler:plan:v1 env=")
    assert "**Plan: 1 to add, 0 to change, 0 to destroy.**" in lines
    assert "| `+` | `Deployment/sensor` | will be created |" in said.out


def test_a_plan_is_printed_as_a_page(person: Person) -> None:
    said = person.runs("plan", "--format", "html")
    assert (said.name, said.err) == ("OK", "")
    assert said.out.startswith("<!doctype html>\n")
    names = LexborHTMLParser(said.out).css("details.change summary b")
    assert [name.text() for name in names] == ["sensor"]


@pytest.mark.parametrize("command", ["status", "simulate"])
def test_where_there_is_no_such_form_it_is_a_usage_error(person: Person, command: str) -> None:
    said = person.runs(command, "--format", "html")
    assert said.name == "USAGE"
    assert "'html' is not one of 'text', 'json'" in said.err
