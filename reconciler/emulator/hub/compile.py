"""Syntax to SQL over one row of `hub_identity` (or of its lagging copy), under the name `t`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.emulator.hub.operand import (
    UNDEFINED,
    Operand,
    Type,
    arithmetic,
    compared,
    member,
)
from reconciler.emulator.hub.syntax import (
    Aggregate,
    Arithmetic,
    ArrayLiteral,
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
    Undefined,
    Value,
)

SYSTEM: Mapping[str, tuple[str, Type]] = {
    "deviceid": ("t.device_id", "text"),
    "moduleid": ("nullif(t.module_id, '')", "text"),
    "status": ("nullif(t.status, '')", "text"),
    "statusreason": ("t.status_reason", "text"),
    "statusupdatetime": ("t.status_updated", "text"),
    "connectionstate": ("t.connection_state", "text"),
    "lastactivitytime": ("t.last_activity", "text"),
    "cloudtodevicemessagecount": ("0", "number"),
    "authenticationtype": ("t.auth_type", "text"),
    "modelid": ("t.model_id", "text"),
    "version": ("t.version", "number"),
    "devicescope": ("t.device_scope", "text"),
    "capabilities.iotedge": ("CASE WHEN t.module_id = '' THEN t.edge END", "boolean"),
}
"""System properties, in lower case: their names are not case-sensitive."""

PREFIXES = (("devices", "modules"), ("devices",))
"""`devices.deviceId` is `deviceId` (Azure/azure-iot-explorer writes it so)."""

STATUS = (
    "(SELECT s.status FROM hub_status s WHERE s.device_id = t.device_id"
    " AND s.module_id = t.module_id AND s.configuration_id = {id})"
)
CONTAINS = "CASE WHEN {guard} THEN EXISTS (SELECT 1 FROM json_each({array}) e WHERE {test}) END"
APPLIES_TO = (
    "(t.device_id, t.module_id) IN (SELECT s.device_id, s.module_id FROM hub_status s"
    " WHERE s.configuration_id = {id} AND s.status = {status})"
)
LITERALS: Mapping[type, Type] = {str: "text", bool: "boolean", int: "number", float: "number"}


def unprefixed(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The path without the collection's name in front."""
    for prefix in PREFIXES:
        if tuple(part.lower() for part in parts[: len(prefix)]) == prefix:
            return parts[len(prefix) :]
    return parts


@dataclass
class Compiler:
    """Collects the parameters of the SQL that it makes; one per statement."""

    parameters: dict[str, Scalar] = field(default_factory=dict)

    def expression(self, expression: Expression) -> str:
        match expression:
            case Both(left, right):
                return f"({self.expression(left)} AND {self.expression(right)})"
            case Either(left, right):
                return f"({self.expression(left)} OR {self.expression(right)})"
            case Not(operand):
                return f"(NOT {self.expression(operand)})"
            case Comparison(operator, left, right):
                return compared(operator, self.value(left), self.value(right))
            case Membership(operand, items, negated):
                operands = [self.value(item) for item in items]
                return member(self.value(operand), operands, negated=negated)
            case Call():
                return self._call(expression)

    def narrowed(self, expression: Expression) -> list[str]:
        """What the expression implies and an index can answer: the twins of a configuration."""
        match expression:
            case Both(left, right):
                return self.narrowed(left) + self.narrowed(right)
            case Comparison("=", Path((head, id_, "status")), Literal(str() as status)) if (
                head.lower() == "configurations"
            ):
                return [APPLIES_TO.format(id=self._bind(id_), status=self._bind(status))]
            case _:
                return []

    def value(self, value: Value) -> Operand:
        match value:
            case Path(parts):
                return self._path(unprefixed(parts))
            case Literal(None):
                return Operand("'null'", "null")
            case Literal(literal):
                return Operand(self._bind(literal), LITERALS[type(literal)])
            case Arithmetic(operator, left, right):
                return arithmetic(operator, self.value(left), self.value(right))
            case Undefined() | ArrayLiteral():
                return UNDEFINED

    def aggregate(self, aggregate: Aggregate) -> str:
        if aggregate.path is None:
            return "count(*)"
        operand = self.value(aggregate.path)
        guard = operand.has("number")
        return f"{aggregate.name}(CASE WHEN {guard} THEN {operand.value} END)" if guard else "NULL"

    def _bind(self, value: Scalar) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def _path(self, parts: tuple[str, ...]) -> Operand:
        head = parts[0].lower() if parts else ""
        match head, parts[1:]:
            case "tags", rest:
                return self._json("t.tags", rest)
            case "properties", (section, *rest):
                return self._section(section.lower(), tuple(rest))
            case "configurations", (id_, *rest):
                return self._configuration(id_, [part.lower() for part in rest])
            case _:
                column = SYSTEM.get(".".join(part.lower() for part in parts))
                return Operand(*column) if column else UNDEFINED

    def _section(self, section: str, rest: tuple[str, ...]) -> Operand:
        if section not in {"desired", "reported"}:
            return UNDEFINED
        match rest:
            case ("$version",):
                return Operand(f"t.{section}_version", "number")
            case ("$metadata", "$lastUpdated"):
                return Operand(f"t.{section}_updated", "text")
            case ("$metadata", *_):
                raise QueryError("the emulator queries no metadata of single properties")
            case _:
                return self._json(f"t.{section}", rest)

    def _json(self, column: str, keys: tuple[str, ...]) -> Operand:
        if any('"' in key for key in keys):
            return UNDEFINED  # a key with a quote cannot be said in SQLite's paths
        path = self._bind("$" + "".join(f'."{key}"' for key in keys))
        return Operand(f"json_extract({column}, {path})", json=f"json_type({column}, {path})")

    def _configuration(self, id_: str, rest: list[str]) -> Operand:
        status = STATUS.replace("{id}", self._bind(id_))
        match rest:
            case ["status"]:
                return Operand(status, "text")
            case []:
                return Operand(status, "object")
            case _:
                return UNDEFINED

    def _call(self, call: Call) -> str:
        operand = self.value(call.path)
        match call.name:
            case "is_defined":
                return f"({operand.defined})"
            case "startswith":
                return self._starts_with(operand, call.argument)
            case _:
                return self._array_contains(operand, call.argument)

    def _starts_with(self, operand: Operand, argument: Literal | None) -> str:
        guard = operand.has("text")
        if guard is None or argument is None or not isinstance(argument.value, str):
            return "NULL"
        prefix = self._bind(argument.value)
        return f"CASE WHEN {guard} THEN substr({operand.value}, 1, length({prefix})) = {prefix} END"

    def _array_contains(self, operand: Operand, argument: Literal | None) -> str:
        if not operand.json or argument is None:
            return "NULL"
        item = Operand("e.value", json="e.type")
        test = compared("=", item, self.value(argument))
        guard = str(operand.has("array"))
        return CONTAINS.format(guard=guard, array=operand.value, test=test)
