"""What a run has learned of secrets is in nothing that it prints."""

from __future__ import annotations

import io
import json
import sys
import traceback
from urllib.parse import quote

import pytest

from reconciler.cli.redaction import Redaction
from reconciler.model import MASK, Secret

ODD = 'p"a\\s s/wörd\nof two lines'


def knowing(*secrets: str) -> Redaction:
    redaction = Redaction()
    for secret in secrets:
        redaction.learn(Secret(secret))
    return redaction


@pytest.mark.parametrize(
    "written",
    [
        ODD,
        json.dumps(ODD),
        json.dumps(ODD, ensure_ascii=False),
        quote(ODD),
        quote(ODD, safe=""),
        repr(ODD),
        ODD.splitlines()[1],
    ],
)
def test_a_secret_is_hidden_however_it_is_written(written: str) -> None:
    hidden = knowing(ODD).hide(f"before {written} after")
    assert hidden.startswith("before ")
    assert hidden.endswith(" after")
    assert "two lines" not in hidden
    assert MASK in hidden


def test_the_longer_of_two_secrets_is_hidden_whole() -> None:
    assert knowing("secret", "secret-and-more").hide("a secret-and-more b") == f"a {MASK} b"


def test_what_is_too_short_to_be_a_secret_stays() -> None:
    assert knowing("abc", "").hide("abc and abcdef") == "abc and abcdef"


def test_without_secrets_nothing_is_hidden() -> None:
    assert Redaction().hide("text") == "text"


def test_variables_that_are_secrets_by_custom_are_known() -> None:
    redaction = Redaction()
    redaction.learn_variables(
        {
            "GITHUB_TOKEN": "ghp_canary",
            "NPM_TOKENS_PATH": "innocent/path",
            "IOTHUB_CONNECTION_STRING": "HostName=h;SharedAccessKey=canary-key=",
        }
    )
    assert redaction.hide("ghp_canary innocent/path canary-key=") == f"{MASK} innocent/path {MASK}"


def test_nothing_printed_meanwhile_holds_one_not_even_a_traceback() -> None:
    out, err = io.StringIO(), io.StringIO()
    with knowing("canary-1").streams(out, err):
        sys.stdout.write("a canary-1\n")
        traceback.print_exception(ValueError("canary-1 is refused"))
    assert out.getvalue() == f"a {MASK}\n"
    assert f"ValueError: {MASK} is refused" in err.getvalue()
