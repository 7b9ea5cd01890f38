"""Values of the query language as typed SQL.

The language compares like with like: a tag `9` is not `'9'`, and `true` is not `1`. SQL's NULL
stands for `undefined`, so that three-valued logic comes from SQLite itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

Type: TypeAlias = OneOf["text", "number", "boolean", "null", "array", "object"]
TYPES: tuple[Type, ...] = ("text", "number", "boolean", "null", "array", "object")
JSON_TYPES: Mapping[Type, str] = {
    "text": "('text')",
    "number": "('integer','real')",
    "boolean": "('true','false')",
    "null": "('null')",
    "array": "('array')",
    "object": "('object')",
}


@dataclass(frozen=True)
class Operand:
    """`value` is SQL; `json` is the SQL of a `json_type(...)` when only the row knows the type.

    A fixed `type` of None with no `json` is `undefined`.
    """

    value: str
    type: Type | None = None
    json: str = ""

    @property
    def is_undefined(self) -> bool:
        return self.type is None and not self.json

    def has(self, type_: Type) -> str | None:
        """SQL that is true when the value has this type; None when it never has."""
        if self.json:
            return f"{self.json} IN {JSON_TYPES[type_]}"
        return f"{self.value} IS NOT NULL" if self.type == type_ else None

    @property
    def defined(self) -> str:
        return f"{self.json or self.value} IS NOT NULL"

    @property
    def type_name(self) -> str:
        """SQL for the type's name, to group by; NULL when undefined."""
        if not self.json:
            return f"CASE WHEN {self.defined} THEN '{self.type}' END"
        cases = " ".join(f"WHEN {self.has(each)} THEN '{each}'" for each in TYPES)
        return f"CASE {cases} END"


UNDEFINED = Operand("NULL")


def compared(operator: str, left: Operand, right: Operand) -> str:
    """SQL for a comparison: NULL when the types differ, but anything defined is `!= null`."""
    cases = []
    for type_ in TYPES:
        guards = left.has(type_), right.has(type_)
        if guards[0] is None or guards[1] is None:
            continue
        if (outcome := _outcome(operator, type_, left, right)) is not None:
            cases.append(f"WHEN {guards[0]} AND {guards[1]} THEN {outcome}")
    if operator == "!=":
        cases += _not_null(left, right) + _not_null(right, left)
    return f"CASE {' '.join(cases)} END" if cases else "NULL"


def _outcome(operator: str, type_: Type, left: Operand, right: Operand) -> str | None:
    match type_:
        case "text" | "number":
            return f"{left.value} {operator} {right.value}"
        case "boolean":
            return f"{left.value} {operator} {right.value}" if operator in {"=", "!="} else None
        case "null":
            return {"=": "1", "!=": "0"}.get(operator)
        case "array" | "object":
            return None


def _not_null(null: Operand, other: Operand) -> list[str]:
    return [f"WHEN {other.defined} THEN 1"] if null.type == "null" else []


def member(operand: Operand, items: list[Operand], *, negated: bool) -> str:
    """SQL for IN and NIN; NULL when the operand is undefined."""
    if operand.is_undefined:
        return "NULL"
    tests = [f"coalesce({compared('=', operand, item)}, 0)" for item in items] or ["0"]
    found = f"({' OR '.join(tests)})"
    return f"CASE WHEN {operand.defined} THEN {'NOT ' if negated else ''}{found} END"


def arithmetic(operator: str, left: Operand, right: Operand) -> Operand:
    """Numbers only; anything else is undefined."""
    guards = left.has("number"), right.has("number")
    if guards[0] is None or guards[1] is None:
        return UNDEFINED
    divisor = f"nullif({right.value} * 1.0, 0)" if operator == "/" else right.value
    value = f"({left.value} {operator} {divisor})"
    return Operand(f"(CASE WHEN {guards[0]} AND {guards[1]} THEN {value} END)", "number")
