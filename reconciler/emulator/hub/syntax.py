"""The words and sentences of the hub's query language, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None


class QueryError(ValueError):
    """The text is not a query (or a condition). The message is for people: the hub says less."""


@dataclass(frozen=True)
class Path:
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True)
class Literal:
    value: Scalar


@dataclass(frozen=True)
class Undefined:
    """The literal `undefined`: a value that no comparison matches."""


@dataclass(frozen=True)
class ArrayLiteral:
    items: tuple[Literal, ...]


@dataclass(frozen=True)
class Arithmetic:
    operator: str
    left: Value
    right: Value


Value: TypeAlias = Path | Literal | Undefined | ArrayLiteral | Arithmetic


@dataclass(frozen=True)
class Comparison:
    operator: str
    left: Value
    right: Value


@dataclass(frozen=True)
class Membership:
    operand: Value
    items: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True)
class Call:
    """IS_DEFINED(path), STARTSWITH(path, text) or ARRAY_CONTAINS(path, constant)."""

    name: str
    path: Path
    argument: Literal | None


@dataclass(frozen=True)
class Not:
    operand: Expression


@dataclass(frozen=True)
class Both:
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Either:
    left: Expression
    right: Expression


Expression: TypeAlias = Comparison | Membership | Call | Not | Both | Either


@dataclass(frozen=True)
class Aggregate:
    """COUNT(), AVG(path), SUM(path), MIN(path) or MAX(path)."""

    name: str
    path: Path | None


@dataclass(frozen=True)
class Column:
    source: Path | Aggregate
    alias: str | None


@dataclass(frozen=True)
class Query:
    """`columns` is empty for `SELECT *`."""

    collection: str
    columns: tuple[Column, ...]
    where: Expression | None
    group_by: tuple[Path, ...]
    top: int | None

    @property
    def aggregates(self) -> bool:
        return bool(self.group_by) or any(isinstance(c.source, Aggregate) for c in self.columns)
