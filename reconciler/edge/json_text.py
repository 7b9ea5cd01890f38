"""JSON as people write it, with the place of every value.

Comments are passed over and placeholders taken for values, because deployment templates have
them; everything else is strict. What goes wrong is told with line and column.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

from reconciler.model import FieldPath, Value

_BLANK = re.compile(r"(?:[ \t\r\n]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_TEXT = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"', re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,299})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?")
_WORD = re.compile(r"[A-Za-z_]+")
_PLACEHOLDER = re.compile(r"\$\{[^}\n]*\}|\{\{[^}\n]*\}\}|#\{?\w+\}?#|<[\w. ]+>|\$\w+")
_WORDS: Mapping[str, Value] = {"true": True, "false": False, "null": None}
_DEEPEST = 100
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Position:
    """Both count from 1."""

    line: int
    column: int


class JsonError(ValueError):
    """The text is not JSON. The message is fit to show to a person."""

    def __init__(self, message: str, position: Position, hint: str = "") -> None:
        super().__init__(message)
        self.position = position
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Located:
    """A value, and where its parts stand."""

    value: Value
    positions: Mapping[FieldPath, Position]
    unquoted: tuple[FieldPath, ...] = ()
    """Where a placeholder stands for a number, or for true or false: read as text."""

    def position(self, path: FieldPath) -> Position:
        """Where the value at `path` stands, or the nearest that holds it."""
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions[path]


def parse(text: str) -> Located:
    """Read one JSON value, or say where it stops being one."""
    text = text.removeprefix("\ufeff")
    reader = _Reader(text, (0, *(found.end() for found in re.finditer("\n", text))))
    value = reader.value((), 0)
    reader.end()
    return Located(value, reader.positions, tuple(reader.unquoted))


@dataclass(slots=True)
class _Reader:
    text: str
    starts: tuple[int, ...]
    """Of each line."""
    at: int = 0
    positions: dict[FieldPath, Position] = field(default_factory=dict)
    unquoted: list[FieldPath] = field(default_factory=list)

    def value(self, path: FieldPath, depth: int) -> Value:
        self._blank()
        self.positions.setdefault(path, self._position(self.at))
        if depth > _DEEPEST:
            raise self._error(f"objects and lists are nested more than {_DEEPEST} deep")
        match self.text[self.at : self.at + 1]:
            case "{":
                return dict(self._entries(path, depth))
            case "[":
                return tuple(self._items(path, depth))
            case '"':
                return self._string()
            case _:
                return self._scalar(path)

    def end(self) -> None:
        self._blank()
        if self.at < len(self.text):
            raise self._error("something stands behind the end", "remove it")

    def _entries(self, path: FieldPath, depth: int) -> Iterator[tuple[str, Value]]:
        seen: dict[str, Position] = {}

        def entry() -> tuple[str, Value]:
            start = self._position(self.at)
            key = self._key()
            if key in seen:
                message = f'"{key}" is written twice, first on line {seen[key].line}'
                raise JsonError(message, start, "remove one of the two")
            seen[key] = self.positions[(*path, key)] = start
            self._expect(":", 'between a key and its value stands a ":"')
            return key, self.value((*path, key), depth + 1)

        return self._list_of("}", entry)

    def _items(self, path: FieldPath, depth: int) -> Iterator[Value]:
        index = count()
        return self._list_of("]", lambda: self.value((*path, str(next(index))), depth + 1))

    def _list_of(self, close: str, item: Callable[[], _Item]) -> Iterator[_Item]:
        self.at += 1
        self._blank()
        if self._took(close):
            return
        while True:
            yield item()
            self._blank()
            if self._took(close):
                return
            self._expect(",", f'a "," or a "{close}" is missing')
            self._blank()
            if self.text.startswith(close, self.at):
                raise self._error(f'a "," stands before "{close}"', "remove the comma")

    def _key(self) -> str:
        if not self.text.startswith('"', self.at):
            raise self._error("a key in double quotes is missing", 'write "key": value')
        return self._string()

    def _string(self) -> str:
        found = _TEXT.match(self.text, self.at)
        if found is None:
            hint = 'close it with ", and write line breaks as \\n'
            raise self._error("a text does not end on its line", hint)
        try:
            text: str = json.loads(found[0])
            text.encode()
        except ValueError as error:
            hint = "write a backslash as \\\\"
            raise self._error("a text holds an escape that JSON does not know", hint) from error
        self.at = found.end()
        return text

    def _scalar(self, path: FieldPath) -> Value:
        if (found := _NUMBER.match(self.text, self.at)) and found.end() > self.at:
            self.at = found.end()
            number: int | float = json.loads(found[0])
            return number
        if (found := _WORD.match(self.text, self.at)) and found[0] in _WORDS:
            self.at = found.end()
            return _WORDS[found[0]]
        if found := _PLACEHOLDER.match(self.text, self.at):
            self.at = found.end()
            self.unquoted.append(path)
            return found[0]
        if self.text.startswith("'", self.at):
            raise self._error("text stands in double quotes", "replace the single quotes")
        raise self._error(
            "a value is missing" if self.at < len(self.text) else "the end is missing"
        )

    def _took(self, wanted: str) -> bool:
        if self.text.startswith(wanted, self.at):
            self.at += 1
            return True
        return False

    def _expect(self, wanted: str, message: str) -> None:
        self._blank()
        if not self._took(wanted):
            raise self._error(message)

    def _blank(self) -> None:
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _error(self, message: str, hint: str = "") -> JsonError:
        return JsonError(message, self._position(self.at), hint)

    def _position(self, at: int) -> Position:
        line = bisect_right(self.starts, at)
        return Position(line, at - self.starts[line - 1] + 1)
