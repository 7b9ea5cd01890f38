"""What to write instead of what target conditions do not know but other languages do."""

from __future__ import annotations

import re
from collections.abc import Mapping

SIGNS: Mapping[str, str] = {
    '"': "write text in single quotes; the hub refuses double ones",
    "'": "the text has no closing quote; a quote inside is written twice",
    "&": "write AND",
    "|": "write OR",
    "!": "write NOT (...), or != between a tag and a value",
    ".": "write a number with a digit in front, and a path without spaces or empty steps",
    "+": "write the number without its sign",
    ";": "a condition is one expression, and ends where it ends",
    "\N{LEFT SINGLE QUOTATION MARK}": "write straight quotes: '",
    "\N{RIGHT SINGLE QUOTATION MARK}": "write straight quotes: '",
    "\N{LEFT DOUBLE QUOTATION MARK}": "write straight single quotes: '",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "write straight single quotes: '",
}
"""By the character that cannot stand where it does."""
WORDS: Mapping[str, str] = {
    "LIKE": "only whole values can be compared: give the devices a tag for it",
    "BETWEEN": "write tags.<key> >= 1 AND tags.<key> <= 2",
    "XOR": "write AND, OR and NOT",
    "*": "* stands alone: it selects every device",
    "AND": "a comparison is missing before it",
    "OR": "a comparison is missing before it",
    "SELECT": "write only what stands behind WHERE",
    "NULL": "write NOT IS_DEFINED(...)",
    "UNDEFINED": "write NOT IS_DEFINED(...)",
}
"""By the word or sign that stands where another one is expected, in capitals."""
_OPEN = re.compile(r"\.\s*\[\[(?![^\]]+\]\])")


def unclosed(text: str) -> int | None:
    """Where a name in brackets begins that nothing ends, counted from 0."""
    found = _OPEN.search(re.sub(r"'(?:[^']|'')*'", lambda each: " " * len(each[0]), text))
    return found.end() - 2 if found else None
