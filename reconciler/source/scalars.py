"""What an unquoted word of YAML means.

The core schema of YAML 1.2, with two differences, both on the side of care: `010` is text, because
YAML 1.1 reads it as 8, and numbers that JSON does not have (`.inf`, `1e999`) are text as well.
Where a reader of YAML 1.1 would see something else, or where a number loses its spelling
(`1.10`), the answer says so.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from yaml.resolver import Resolver

Scalar: TypeAlias = "bool | int | float | str | None"

WORDS: dict[str, Scalar] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
SWITCHES = {
    **dict.fromkeys(("yes", "Yes", "YES", "on", "On", "ON", "y", "Y"), "true"),
    **dict.fromkeys(("no", "No", "NO", "off", "Off", "OFF", "n", "N"), "false"),
}
INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
OTHER_BASE = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
OLD_NUMBERS = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})
LONGEST = 300
"""Digits; Python refuses to read or write numbers of thousands of digits."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A value that somebody may have meant otherwise."""

    value: Scalar
    summary: str


@lru_cache(maxsize=1 << 16)
def plain(text: str) -> Scalar | Ambiguous:
    """The value of an unquoted scalar."""
    if text in WORDS:
        return WORDS[text]
    if text in SWITCHES:
        return Ambiguous(text, f"is read as text; YAML 1.1 reads it as {SWITCHES[text]}")
    if text[0] not in "-+.0123456789" or len(text) > LONGEST:
        return text
    return _number(text)


def _number(text: str) -> Scalar | Ambiguous:
    if INTEGER.fullmatch(text):
        return _kept(int(text), text)
    if FLOAT.fullmatch(text):
        number = float(text)
        return _kept(number, text) if math.isfinite(number) else _text(text)
    if OTHER_BASE.fullmatch(text):
        return _kept(int(text, 0), text)
    return _text(text)


def _text(text: str) -> Scalar | Ambiguous:
    """PyYAML knows what YAML 1.1 says: leading zeros, underscores, base 60, infinity."""
    for tag, pattern in Resolver.yaml_implicit_resolvers.get(text[0], ()):
        if tag in OLD_NUMBERS and pattern.match(text):
            return Ambiguous(text, "is read as text; YAML 1.1 reads it as a number")
    return text


def _kept(number: float, text: str) -> Scalar | Ambiguous:
    if repr(number) == text:
        return number
    return Ambiguous(number, f"is read as the number {number!r}; its spelling is lost")
