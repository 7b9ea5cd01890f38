"""Tokens to syntax. The grammar is the one of
https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language."""

from __future__ import annotations

from collections import deque

from reconciler.emulator.hub.lexer import RESERVED, Kind, Token, tokenize
from reconciler.emulator.hub.syntax import (
    Aggregate,
    Arithmetic,
    ArrayLiteral,
    Both,
    Call,
    Column,
    Comparison,
    Either,
    Expression,
    Literal,
    Membership,
    Not,
    Path,
    Query,
    QueryError,
    Undefined,
    Value,
)

COLLECTIONS = ("devices", "devices.modules", "devices.jobs")
COMPARISONS = {"=", "!=", "<>", "<", ">", "<=", ">="}
AGGREGATES = {"count", "avg", "sum", "min", "max"}
FUNCTIONS = {"is_defined": 1, "startswith": 2, "array_contains": 2}
WORDS = {"true": Literal(value=True), "false": Literal(value=False), "null": Literal(value=None)}


def parse_query(text: str) -> Query:
    """Raises QueryError for anything that is not one whole query."""
    parser = _Parser(text)
    query = parser.query()
    parser.end()
    return query


def parse_expression(text: str) -> Expression:
    """What stands behind WHERE, alone: a target condition."""
    parser = _Parser(text)
    expression = parser.expression()
    parser.end()
    return expression


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = deque(tokenize(text))

    # -- tokens

    def _accept(self, *symbols: str) -> str | None:
        token = self._tokens[0]
        if token.kind is Kind.SYMBOL and token.text in symbols:
            return self._tokens.popleft().text
        return None

    def _expect(self, symbol: str) -> None:
        if not self._accept(symbol):
            raise QueryError(f"expected {symbol} before {self._tokens[0].text}")

    def _word(self, *words: str) -> str | None:
        for word in words:
            if self._tokens[0].is_word(word):
                self._tokens.popleft()
                return word
        return None

    def _expect_word(self, word: str) -> None:
        if not self._word(word):
            raise QueryError(f"expected {word.upper()} before {self._tokens[0].text}")

    def _take(self, kind: Kind) -> Token:
        if self._tokens[0].kind is not kind:
            raise QueryError(f"unexpected {self._tokens[0].text}")
        return self._tokens.popleft()

    def _calls(self, names: set[str]) -> bool:
        name, following = self._tokens[0], self._tokens[1] if len(self._tokens) > 1 else None
        return (
            name.kind is Kind.NAME
            and name.text.lower() in names
            and following == Token(Kind.SYMBOL, "(")
        )

    def end(self) -> None:
        if self._tokens[0].kind is not Kind.END:
            raise QueryError(f"unexpected {self._tokens[0].text}")

    # -- queries

    def query(self) -> Query:
        self._expect_word("select")
        top = int(self._take(Kind.NUMBER).text) if self._word("top") else None
        columns = () if self._accept("*") else self._columns()
        self._expect_word("from")
        collection = str(self.path()).lower()
        if collection not in COLLECTIONS:
            raise QueryError(f"unknown collection {collection}")
        where = self.expression() if self._word("where") else None
        return Query(collection, columns, where, self._groups(), top)

    def _columns(self) -> tuple[Column, ...]:
        columns = [self._column()]
        while self._accept(","):
            columns.append(self._column())
        return tuple(columns)

    def _column(self) -> Column:
        source = self._aggregate() if self._calls(AGGREGATES) else self.path()
        return Column(source, self._name() if self._word("as") else None)

    def _aggregate(self) -> Aggregate:
        name = self._take(Kind.NAME).text.lower()
        self._expect("(")
        path = None if name == "count" else self.path()
        self._expect(")")
        return Aggregate(name, path)

    def _groups(self) -> tuple[Path, ...]:
        if not self._word("group"):
            return ()
        self._expect_word("by")
        paths = [self.path()]
        while self._accept(","):
            paths.append(self.path())
        return tuple(paths)

    # -- expressions

    def expression(self) -> Expression:
        left = self._conjunction()
        while self._word("or"):
            left = Either(left, self._conjunction())
        return left

    def _conjunction(self) -> Expression:
        left = self._term()
        while self._word("and"):
            left = Both(left, self._term())
        return left

    def _term(self) -> Expression:
        if self._word("not"):
            return Not(self._term())
        if self._accept("("):
            inner = self.expression()
            self._expect(")")
            return inner
        if self._calls(set(FUNCTIONS)):
            return self._call()
        return self._comparison()

    def _call(self) -> Call:
        name = self._take(Kind.NAME).text.lower()
        self._expect("(")
        path = self.path()
        argument = None
        if FUNCTIONS[name] > 1:
            self._expect(",")
            argument = self._constant()
        self._expect(")")
        return Call(name, path, argument)

    def _comparison(self) -> Expression:
        left = self.value()
        if word := self._word("in", "nin"):
            return Membership(left, self._array().items, negated=word == "nin")
        if not (operator := self._accept(*COMPARISONS)):
            raise QueryError(f"expected a comparison before {self._tokens[0].text}")
        return Comparison("!=" if operator == "<>" else operator, left, self.value())

    # -- values

    def value(self) -> Value:
        left = self._product()
        while operator := self._accept("+", "-"):
            left = Arithmetic(operator, left, self._product())
        return left

    def _product(self) -> Value:
        left = self._operand()
        while operator := self._accept("*", "/", "%"):
            left = Arithmetic(operator, left, self._operand())
        return left

    def _operand(self) -> Value:
        token = self._tokens[0]
        if self._word("undefined"):
            return Undefined()
        if token == Token(Kind.SYMBOL, "["):
            return self._array()
        if token.kind is Kind.BRACKETED or (
            token.kind is Kind.NAME and token.text.lower() not in WORDS
        ):
            return self.path()
        return self._constant()

    def _array(self) -> ArrayLiteral:
        self._expect("[")
        if self._accept("]"):
            return ArrayLiteral(())
        items = [self._constant()]
        while self._accept(","):
            items.append(self._constant())
        self._expect("]")
        return ArrayLiteral(tuple(items))

    def _constant(self) -> Literal:
        if word := self._word(*WORDS):
            return WORDS[word]
        if self._tokens[0].kind is Kind.TEXT:
            return Literal(self._tokens.popleft().text)
        sign = -1 if self._accept("-") else 1
        text = self._take(Kind.NUMBER).text
        if text[:2].lower() == "0x":
            return Literal(sign * int(text, 16))
        return Literal(sign * (int(text) if text.isdigit() else float(text)))

    def path(self) -> Path:
        parts = [self._name()]
        while self._accept("."):
            parts.append(self._name())
        return Path(tuple(parts))

    def _name(self) -> str:
        if self._tokens[0].kind is Kind.BRACKETED:
            return self._tokens.popleft().text
        name = self._take(Kind.NAME).text
        if name.lower() in RESERVED:
            raise QueryError(f"{name} is a reserved word; write [[{name}]]")
        return name
