"""Text to tokens, for queries and target conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from reconciler.emulator.hub.syntax import QueryError

MAX_LENGTH = 8192
"""Longer texts fail (Azure/azure-iot-sdk-csharp#1680: "around 8200 bytes")."""

RESERVED = frozenset(
    {"select", "from", "where", "group", "by", "as", "and", "or", "not", "in", "nin", "top"}
    | {"true", "false", "null", "undefined"}
)
"""Cannot stand bare in a path: `tags.group` is refused, `tags.[[group]]` works
(MicrosoftDocs/azure-docs#17106)."""

TOKEN = re.compile(
    r"""\s*(?:
      (?P<bracketed>\[\[[^\]]+\]\])
    | (?P<single>'(?:[^'\\]|\\.|'')*')
    | (?P<double>"(?:[^"\\]|\\.)*")
    | (?P<number>0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<name>[A-Za-z_$][\w$]*)
    | (?P<symbol><=|>=|!=|<>|[=<>()\[\],.*+\-/%])
    )""",
    re.VERBOSE,
)
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)|''", re.DOTALL)
CONTROL = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class Kind(Enum):
    NAME = auto()
    BRACKETED = auto()
    TEXT = auto()
    NUMBER = auto()
    SYMBOL = auto()
    END = auto()


@dataclass(frozen=True)
class Token:
    kind: Kind
    text: str

    def is_word(self, word: str) -> bool:
        return self.kind is Kind.NAME and self.text.lower() == word


END = Token(Kind.END, "the end of the text")


def tokenize(text: str) -> list[Token]:
    """Raises QueryError at the first character that no token starts with."""
    if len(text.encode()) > MAX_LENGTH:
        raise QueryError(f"longer than {MAX_LENGTH} bytes")
    text = text.rstrip()
    tokens = []
    position = 0
    while position < len(text):
        if not (match := TOKEN.match(text, position)):
            raise QueryError(f"cannot read {text[position : position + 20]!r}")
        tokens.append(_token(match))
        position = match.end()
    return [*tokens, END]


def _token(match: re.Match[str]) -> Token:
    group = str(match.lastgroup)
    text = match.group(group)
    match group:
        case "bracketed":
            return Token(Kind.BRACKETED, text[2:-2])
        case "single" | "double":
            return Token(Kind.TEXT, ESCAPE.sub(_unescape, text[1:-1]))
        case "number":
            return Token(Kind.NUMBER, text)
        case "name":
            return Token(Kind.NAME, text)
        case _:
            return Token(Kind.SYMBOL, text)


def _unescape(match: re.Match[str]) -> str:
    escaped = match.group(1)
    if escaped is None:
        return "'"  # a doubled quote, as in 'operator''s'
    if escaped.startswith("u") and len(escaped) > 1:
        return chr(int(escaped[1:], 16))
    return CONTROL.get(escaped, escaped)
