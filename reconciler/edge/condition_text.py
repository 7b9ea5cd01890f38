"""Reading target conditions, with the place of what is wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reconciler.edge.condition import (
    KEYWORDS,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Defined,
    EveryDevice,
    Field,
    Not,
    Scalar,
    printed,
)
from reconciler.edge.condition_hints import SIGNS, WORDS, unclosed

BYTES = 8192
"""https://github.com/Azure/azure-iot-sdk-csharp/issues/1680."""
DEEPEST = 50

_WORD = re.compile(
    r"(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))"
    r"|(?P<name>[A-Za-z_$][\w$-]*(?:\.(?:\[\[[^\]]+\]\]|[\w$-]+))*)"
    r"|(?P<sign><>|!=|<=|>=|[=<>()\[\],*])"
)
_FLIPPED: Mapping[str, str] = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_COMPARISONS = {"=", "!=", "<>", "<", "<=", ">", ">="}
_FUNCTION = "IS_DEFINED"
_UNFIT = re.compile(r"[\x00-\x1f\x7f\\\"]")
"""A backslash begins an escape in the hub's queries; no page says what it does in a condition."""
_STEP = re.compile(r"\[\[([^\]]+)\]\]|([\w$-]+)")
_BARE = re.compile(r"[A-Za-z_$][\w$]*")
_END = "the end"
_LOOKED_AT = "tags.<key>, properties.reported.<key> or deviceId"


class ConditionError(ValueError):
    """The condition cannot be read. The message is fit to show to a person."""

    def __init__(self, message: str, position: int, hint: str = "") -> None:
        super().__init__(message)
        self.position = position
        """Counts characters from 1."""
        self.hint = hint


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int

    @property
    def keyword(self) -> str:
        return self.text.upper() if self.kind == "name" else self.text


def parse(text: str) -> Condition:
    """Read a condition, or say where it stops being one."""
    if not text.strip():
        raise ConditionError(
            "an empty condition targets no device", 1, "write tags.<key> = '<value>', or * for all"
        )
    if len(text.encode()) > BYTES:
        hint = "give the devices a tag of their own, and ask for that"
        message = f"it has {len(text.encode())} bytes, and the hub takes {BYTES}"
        raise ConditionError(message, BYTES, hint)
    if text.strip() == "*":
        return EveryDevice()
    reader = _Reader(_tokens(text))
    condition = reader.any_of(0)
    reader.expect(_END)
    return condition


def either(before: str, after: str) -> str:
    """A condition for the devices of both; `before` itself, if it says as much already.

    Where there is none that the hub takes, `after`.
    """
    try:
        conditions = parse(before), parse(after)
    except ConditionError:
        return after
    if EveryDevice() in conditions:
        return "*"
    old, new = ((c.terms if isinstance(c, AnyOf) else (c,)) for c in conditions)
    more = tuple(term for term in new if term not in old)
    both = printed(AnyOf((*old, *more))) if more else before
    return both if len(both.encode()) <= BYTES else after


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _WORD.match(text, at)
        if found is None:
            raise _odd_character(text, at)
        tokens.append(_Token(str(found.lastgroup), found[0], at + 1))
        at = found.end()
    return [*tokens, _Token("end", _END, len(text) + 1)]


def _odd_character(text: str, at: int) -> ConditionError:
    begins = unclosed(text)
    if text[at] == "." and begins is not None:
        hint = "a name in brackets is not empty, and ends with ]]"
        return ConditionError("[[ has no end", begins + 1, hint)
    return ConditionError(f"{text[at]} cannot stand here", at + 1, SIGNS.get(text[at], ""))


@dataclass(slots=True)
class _Reader:
    tokens: list[_Token]
    at: int = 0

    def any_of(self, depth: int) -> Condition:
        terms = self._joined("OR", lambda: self._all_of(depth))
        return terms[0] if len(terms) == 1 else AnyOf(terms)

    def expect(self, wanted: str) -> None:
        if self._next.text != wanted:
            raise self._unexpected(wanted)
        self.at += 1

    def _all_of(self, depth: int) -> Condition:
        terms = self._joined("AND", lambda: self._term(depth))
        return terms[0] if len(terms) == 1 else AllOf(terms)

    def _joined(self, by: str, term: Callable[[], Condition]) -> tuple[Condition, ...]:
        terms = [term()]
        while self._next.keyword == by:
            self.at += 1
            terms.append(term())
        return tuple(terms)

    def _term(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise ConditionError("parentheses are nested too deep", self._next.position)
        if self._next.keyword == "NOT":
            self.at += 1
            return Not(self._term(depth + 1))
        if self._next.text == "(":
            self.at += 1
            inner = self.any_of(depth + 1)
            self.expect(")")
            return inner
        return self._call() if self._is_call() else self._comparison()

    def _is_call(self) -> bool:
        follows = self.tokens[min(self.at + 1, len(self.tokens) - 1)].text
        return self._next.kind == "name" and follows == "("

    def _call(self) -> Condition:
        function = self._next
        if function.keyword != _FUNCTION:
            message = f"{function.text} is no function of target conditions"
            hint = f"the only one is {_FUNCTION}(tags.<key>): compare whole values, or add a tag"
            raise ConditionError(message, function.position, hint)
        self.at += 2
        field = self._field()
        self.expect(")")
        return Defined(field)

    def _comparison(self) -> Condition:
        if self._next.kind in {"text", "number"} or self._next.keyword in {"TRUE", "FALSE"}:
            value = self._value()
            operator = self._operator()
            return Compare(self._field(), _FLIPPED.get(operator, operator), value)
        field = self._field()
        operator = self._operator()
        return Compare(field, operator, self._value())

    def _field(self) -> Field:
        token = self._next
        if token.kind != "name":
            raise self._unexpected(_LOOKED_AT)
        path = _steps(token)
        match path:
            case ("deviceId",) | ("tags", _, *_) | ("properties", "reported", _, *_):
                self.at += 1
                return Field(path)
            case _:
                message = f"a condition cannot look at {token.text}"
                hint = (
                    "it can at tags.<key>, properties.reported.<key> and deviceId, spelt like this"
                )
                raise ConditionError(message, token.position, hint)

    def _operator(self) -> str:
        token = self._next
        if token.keyword in {"IN", "NIN"}:
            hint = (
                "write (tags.<key> = 'a' OR tags.<key> = 'b'), or matchTags with a list of values"
            )
            message = f"target conditions do not know {token.keyword}"
            raise ConditionError(message, token.position, hint)
        if token.text not in _COMPARISONS:
            raise self._unexpected("a comparison (=, !=, <, <=, > or >=)")
        self.at += 1
        return "!=" if token.text == "<>" else token.text

    def _value(self) -> Scalar:
        token = self._next
        self.at += 1
        match token.kind, token.keyword:
            case "text", _:
                return _text(token)
            case "number", _:
                return _number(token)
            case "name", "TRUE" | "FALSE":
                return token.keyword == "TRUE"
            case _:
                self.at -= 1
                raise self._unexpected("'text', a number, true or false")

    @property
    def _next(self) -> _Token:
        return self.tokens[self.at]

    def _unexpected(self, wanted: str) -> ConditionError:
        token = self._next
        hint = WORDS.get(token.keyword, "")
        if token.text == "=":
            hint = "equality is one sign: =" if "'" in wanted else ""
        elif not hint and token.kind == "name" and "'" in wanted:
            hint = "put it in single quotes"
        elif not hint and wanted == _END:
            hint = "write AND or OR between two comparisons"
        return ConditionError(f"expected {wanted}, and found {token.text}", token.position, hint)


def _text(token: _Token) -> str:
    if odd := _UNFIT.search(token.text):
        shown = odd[0] if odd[0].isprintable() else repr(odd[0])
        message = f"{shown} cannot stand in the text of a condition"
        hint = "give the devices a tag with a plainer value"
        raise ConditionError(message, token.position + odd.start(), hint)
    return token.text[1:-1].replace("''", "'")


def _number(token: _Token) -> int | float:
    number = float(token.text)
    if not math.isfinite(number):
        raise ConditionError(f"{token.text} is too large for a number", token.position)
    return number if re.search("[.eE]", token.text) else int(token.text)


def _steps(token: _Token) -> tuple[str, ...]:
    """The keys of a path; those that the hub would not read as such are told with their place."""
    if token.text.lower() in KEYWORDS:
        message = f"expected {_LOOKED_AT}, and found {token.text}"
        raise ConditionError(message, token.position, WORDS.get(token.keyword, ""))
    steps = []
    for found in _STEP.finditer(token.text):
        quoted, plain = found.groups()
        if plain and (plain.lower() in KEYWORDS or not _BARE.fullmatch(plain)):
            message = f"{plain} cannot stand bare in a path"
            position = token.position + found.start()
            raise ConditionError(message, position, f"write [[{plain}]]")
        if quoted and (odd := _UNFIT.search(quoted)):
            position = token.position + found.start(1) + odd.start()
            raise ConditionError(f"{odd[0]!r} cannot stand in a path", position)
        steps.append(quoted or plain)
    return tuple(steps)
