"""What a DeviceGroup is: the devices that a target condition selects."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.model import Contents, Fault, FieldRule, Kind, Spec, Value, mapping, sequence, text

LIMIT = 8192
"""Bytes of a condition: https://github.com/Azure/azure-iot-sdk-csharp/issues/1680."""
EVERY_DEVICE = "*"
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED = frozenset(
    {
        "and",
        "as",
        "asc",
        "by",
        "count",
        "desc",
        "false",
        "from",
        "group",
        "in",
        "is",
        "limit",
        "nin",
        "not",
        "null",
        "or",
        "order",
        "select",
        "top",
        "true",
        "where",
    }
)
"""Words of the hub's query language."""
UNFIT = re.compile(r"[\x00-\x20\x7f.$#\[\]]")
"""What twin keys may not hold, and the brackets that quote them."""
QUOTED_OR_SPACE = re.compile(r"('(?:[^']|'')*')|\s+")


def check(_name: str, spec: Spec, _contents: Contents) -> Iterator[Fault]:
    if "targetCondition" in spec:
        yield from _check_condition(spec)
        yield from _check_length("targetCondition", _tidy(text(spec["targetCondition"])))
    if "matchTags" in spec:
        yield from _check_length("matchTags", _matching(mapping(spec["matchTags"])))
    for key in mapping(spec.get("matchTags")):
        if any(not step or UNFIT.search(step) for step in key.split(".")):
            yield Fault(
                ("matchTags", key),
                "group.tag",
                f'"{key}" cannot be the path of a tag',
                "join keys with single dots; no spaces, $, #, [ or ]",
            )


def normalize(spec: Spec, _contents: Contents) -> Spec:
    """The condition, whatever way the group was written, and its devices if it lists them.

    `owner` and `name` are put in by the loader: a listed device carries one tag leaf per group,
    so that it may be in many and foreign tags are never touched.
    """
    if "devices" in spec:
        leaf = ("reconciler", text(spec["owner"]), text(spec["name"]))
        devices = sorted({text(device) for device in sequence(spec["devices"])})
        return {
            "targetCondition": f"{_path(leaf)} = true",
            "devices": tuple(devices),
            "owner": spec["owner"],
        }
    condition = (
        _matching(mapping(spec["matchTags"]))
        if "matchTags" in spec
        else _tidy(text(spec["targetCondition"]))
    )
    return {"targetCondition": condition, "owner": spec["owner"]}


def _check_condition(spec: Spec) -> Iterator[Fault]:
    at, condition = ("targetCondition",), _tidy(text(spec["targetCondition"]))
    if not condition:
        yield Fault(
            at,
            "group.empty",
            "an empty condition selects no device",
            'write a condition, or "*" with allowAll: true for every device',
        )
    if condition == EVERY_DEVICE and spec.get("allowAll") is not True:
        yield Fault(
            at,
            "group.everything",
            "the condition selects every device of the hub",
            "add allowAll: true if that is meant",
        )
    if '"' in QUOTED_OR_SPACE.sub("", condition):
        yield Fault(
            at,
            "group.quotes",
            "text in a condition stands in single quotes",
            "write ' instead of \", and '' for a ' inside",
        )


def _check_length(field: str, condition: str) -> Iterator[Fault]:
    if (size := len(condition.encode())) > LIMIT:
        yield Fault(
            (field,),
            "group.long",
            f"the condition has {size} bytes, the hub takes {LIMIT}",
            "give the devices one common tag: use spec.devices",
        )


def _tidy(condition: str) -> str:
    """White space outside quotes says nothing: one blank is enough."""
    return QUOTED_OR_SPACE.sub(lambda found: found[1] or " ", condition).strip()


def _matching(tags: Spec) -> str:
    return " AND ".join(_term(key, tags[key]) for key in sorted(tags))


def _term(key: str, wanted: Value) -> str:
    path = _path(tuple(key.split(".")))
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    terms = sorted({f"{path} = {_literal(value)}" for value in values})
    # The hub pastes a condition into its own query without parentheses.
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"


def _path(steps: tuple[str, ...]) -> str:
    return ".".join(("tags", *(step if _plain(step) else f"[[{step}]]" for step in steps)))


def _plain(step: str) -> bool:
    return IDENTIFIER.fullmatch(step) is not None and step.lower() not in RESERVED


def _literal(value: Value) -> str:
    """Conditions are typed: '9' is not 9, and true is not 'true'."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value) if value == int(value) else value)
    return "'" + text(value).replace("'", "''") + "'"


KIND = Kind(
    name="DeviceGroup",
    rules={
        ("targetCondition",): FieldRule.UPDATE,
        ("devices",): FieldRule.UPDATE,
        ("owner",): FieldRule.IGNORE,  # asks the loader for it
        ("name",): FieldRule.IGNORE,  # asks the loader for it
    },
    check=check,
    normalize=normalize,
    stand_in=lambda spec: spec["targetCondition"],
    managed=lambda spec: "devices" in spec,
)
