"""Target conditions: a smaller language than queries.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring#target-condition names the
operands; `IN` and `NIN` are refused though queries take them (Azure/azure-iot-cli-extension#347,
#490), and so is any double quote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.emulator.hub.compile import Compiler
from reconciler.emulator.hub.grammar import parse_expression
from reconciler.emulator.hub.syntax import (
    Both,
    Call,
    Comparison,
    Either,
    Expression,
    Literal,
    Membership,
    Not,
    Path,
    QueryError,
    Scalar,
    Value,
)

ALL = "*"
MODULES = "from devices.modules where "


class ConditionError(ValueError):
    """Why the hub refuses the condition, in its own words."""


@dataclass(frozen=True)
class Selection:
    """SQL that is true for the rows of `hub_identity t` that the condition selects."""

    sql: str
    parameters: dict[str, Scalar]


def select(condition: str) -> Selection:
    """Raises ConditionError. An empty condition selects nothing (Azure/iotedge#5903), `*` all."""
    text = condition.strip()
    if text in {"", ALL}:
        return Selection("1" if text else "0", {})
    if '"' in text:
        raise ConditionError("BadRequest")
    if text.lower().startswith(MODULES):
        text = text[len(MODULES) :]
    try:
        expression = parse_expression(text)
        _check(expression)
        compiler = Compiler()
        return Selection(compiler.expression(expression), compiler.parameters)
    except QueryError as error:
        raise ConditionError("BadRequest") from error


def _check(expression: Expression) -> None:
    match expression:
        case Both(left, right) | Either(left, right):
            _check(left)
            _check(right)
        case Not(operand):
            _check(operand)
        case Membership():
            raise ConditionError("BadRequest")
        case Comparison(_, left, right):
            _check_values(left, right)
        case Call(name, path):
            if name != "is_defined":
                raise ConditionError("BadRequest")
            _check_values(path)


def _check_values(*values: Value) -> None:
    for path in _paths(values):
        if not _allowed(tuple(part.lower() for part in path.parts)):
            raise ConditionError(
                "Invalid targetCondition. It must be a filter condition based on 'deviceId', "
                f"'tags', or 'properties.reported'. It contains: {path}"
            )


def _paths(values: tuple[Value, ...]) -> Iterator[Path]:
    for value in values:
        match value:
            case Path():
                yield value
            case Literal():
                pass
            case _:
                raise ConditionError("BadRequest")


def _allowed(parts: tuple[str, ...]) -> bool:
    match parts:
        case ("deviceid",) | ("moduleid",):
            return True
        case ("tags", _, *_) | ("properties", "reported", _, *_):
            return True
        case _:
            return False
