"""Text from YAML and from the cloud in Markdown, where it stays text.

What a service makes of text after Markdown did (mentions, references to issues and commits,
addresses as links, short names of emoji, commands) it makes of no code span and of no fence. So
everything that is not a plain word goes into one of these. Entities would not do: they are text
again by the time that mentions are looked for.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from reconciler.report import words

WIDTH = 120
SENTENCE = 600
TICKS = 8
"""Runs of more backticks than this are not sure to open a span everywhere."""
WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*|\d{1,3}(?:,\d{3})*(?:\.\d+)?|\d{1,6}|%|")
"""A word or a number in a sentence; what has signs inside may mean something."""
AROUND = re.compile(r"""(?P<before>["(]*)(?P<word>.*?)(?P<after>[").,;:]*)""")
HEX = re.compile(r"[0-9a-fA-F]{7,}")
URL = re.compile(r"https?://[\w.~:/?#@!$&'*+,;=%-]+", re.ASCII)
NAMED = re.compile(r"[^A-Za-z0-9._-]|(?<=-)-")


def marker(report: str, environment: str) -> str:
    """The hidden line by which a comment is found again; nothing in a name can end it early."""
    return f"<!-- reconciler:{report}:v1 env={NAMED.sub(_percent, environment)} -->"


def code(text: str, width: int = WIDTH) -> str:
    """A code span; empty for empty text."""
    shown = inert(text, width)
    if not shown:
        return ""
    ticks = "`" * (_longest(shown) + 1)
    odd = shown[0] == shown[-1] == " " and not shown.isspace()
    pad = " " if odd or "`" in {shown[0], shown[-1]} else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def tagged(text: str, width: int = WIDTH) -> str:
    """For a line of HTML inside of Markdown, such as the head of a fold."""
    return f"<code>{html.escape(inert(text, width))}</code>"


def prose(text: str) -> str:
    """A sentence that may quote something: words stay words, the rest becomes code.

    It never begins a line: a number there could open a list.
    """
    found = words.plain(text)
    cut = found if len(found) <= SENTENCE else f"{found[:SENTENCE]} ..."
    parts = groupby(map(_Word.of, cut.split()), key=lambda word: word.safe)
    return " ".join(_joined(list(part), safe=safe) for safe, part in parts)


@dataclass(frozen=True, slots=True)
class _Word:
    before: str
    word: str
    after: str

    @classmethod
    def of(cls, text: str) -> _Word:
        found = AROUND.fullmatch(text)
        return cls(*found.groups()) if found else cls("", text, "")

    @property
    def safe(self) -> bool:
        return bool(WORD.fullmatch(self.word)) and not HEX.fullmatch(self.word)

    def __str__(self) -> str:
        return f"{self.before}{self.word}{self.after}"


def _joined(found: Sequence[_Word], *, safe: bool) -> str:
    """Words as they are; what is none as code, in one span up to the next comma or stop."""
    if safe:
        return " ".join(map(str, found))
    ends = [at for at, word in enumerate(found, start=1) if word.after or at == len(found)]
    starts = (0, *ends[:-1])
    return " ".join(_span(found[start:end]) for start, end in zip(starts, ends, strict=True))


def _span(found: Sequence[_Word]) -> str:
    told = " ".join(map(str, found))
    before, after = found[0].before, found[-1].after
    return f"{before}{code(told[len(before) : len(told) - len(after)], SENTENCE)}{after}"


def row(cells: Iterable[str]) -> str:
    """One line of a table; a pipe in a cell does not end it."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def fence(lines: Iterable[str], language: str) -> Iterator[str]:
    """Lines that no backtick inside can end early; the caller puts a sign or a blank in front."""
    shown = [inert(line, 4 * WIDTH) for line in lines]
    ticks = "`" * max(3, *(_longest(line) + 1 for line in shown), 3)
    yield f"{ticks}{language}"
    yield from shown
    yield ticks


def link(address: str, text: str) -> str:
    """A link of ours to where the caller says; what is no plain address stays text."""
    return f"[{text}]({address})" if URL.fullmatch(address) else f"{text}: {code(address)}"


def inert(text: str, width: int) -> str:
    """One line, cut; what a reader of raw text looks for is written as what cannot be shown is."""
    shown = words.plain(text).replace("@<", "\\u0040<")
    if _longest(shown) > TICKS:
        shown = shown.replace("`", "\\u0060")
    return shown if len(shown) <= width else f"{shown[: width - 3]}..."


def _longest(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "backslashreplace"))
