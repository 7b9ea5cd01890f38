"""What a DeviceGroup is: the devices that a target condition selects."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.edge.condition import path_text
from reconciler.edge.identity import ROOT
from reconciler.edge.lint.group import condition_faults
from reconciler.model import Contents, Fault, FieldRule, Kind, Spec, Value, mapping, sequence, text

LIMIT = 8192
"""Bytes of a condition: https://github.com/Azure/azure-iot-sdk-csharp/issues/1680."""
EVERY_DEVICE = "*"
UNFIT_KEY = re.compile(r'[\x00-\x20\x7f.$#\[\]"\\]')
"""What twin keys may not hold, and the brackets that quote them."""
UNFIT_TEXT = re.compile(r'[\x00-\x1f\x7f\\"]')
"""A backslash begins an escape in the hub's queries; not every reader of a condition says so.
Double quotes it refuses wherever they stand."""
QUOTED_OR_SPACE = re.compile(r"('(?:[^']|'')*')|\s+")


def check(name: str, spec: Spec, _contents: Contents) -> Iterator[Fault]:
    if "targetCondition" in spec:
        yield from _check_condition(spec)
    if "previousName" in spec:
        yield from _check_renamed(name, spec)
    for key, wanted in mapping(spec.get("matchTags")).items():
        yield from _check_tag(key, wanted)
    if "matchTags" in spec:
        yield from _check_length("matchTags", _matching(mapping(spec["matchTags"])))


def normalize(spec: Spec, _contents: Contents) -> Spec:
    """The condition, whatever way the group was written, and its devices if it lists them.

    `owner` and `name` are put in by the loader: a listed device carries one tag leaf per group,
    so that it may be in many and foreign tags are never touched.
    """
    if "devices" in spec:
        leaf = (ROOT, text(spec["owner"]), text(spec["name"]))
        devices = sorted({text(device) for device in sequence(spec["devices"])})
        return {
            "targetCondition": f"{_path(leaf)} = true",
            "devices": tuple(devices),
            "owner": spec["owner"],
            **({"previousName": spec["previousName"]} if "previousName" in spec else {}),
        }
    condition = (
        _matching(mapping(spec["matchTags"]))
        if "matchTags" in spec
        else _tidy(text(spec["targetCondition"]))
    )
    meant: Spec = {"allowAll": True} if spec.get("allowAll") is True else {}
    return {"targetCondition": condition, "owner": spec["owner"], **meant}


def meanwhile(want: Spec, have: Spec) -> Spec:
    """All devices of before and after: who moves joins the next group before leaving this one."""
    if "devices" not in want or "devices" not in have:
        return want
    both = {*sequence(want["devices"]), *sequence(have["devices"])}
    return {**want, "devices": tuple(sorted(both, key=text))}


def _check_condition(spec: Spec) -> Iterator[Fault]:
    at, written = ("targetCondition",), text(spec["targetCondition"])
    condition = _tidy(written)
    if not condition:
        yield Fault(
            at,
            "group.empty",
            "an empty condition selects no device",
            'write a condition, or "*" with allowAll: true for every device',
        )
    elif len(condition.encode()) > LIMIT:
        yield from _check_length("targetCondition", condition)
    elif condition != EVERY_DEVICE:
        yield from condition_faults(at, written)
    elif spec.get("allowAll") is not True:
        yield Fault(
            at,
            "group.everything",
            "the condition selects every device of the hub",
            "add allowAll: true if that is meant",
        )


def _check_renamed(name: str, spec: Spec) -> Iterator[Fault]:
    at = ("previousName",)
    if "devices" not in spec:
        summary = "only a group that lists its devices is renamed in steps"
        yield Fault(at, "group.previous", summary, "remove it: nothing is written for this group")
    elif spec["previousName"] == name:
        yield Fault(at, "group.previous", "the group has that name", "write the name it had before")


def _check_tag(key: str, wanted: Value) -> Iterator[Fault]:
    if any(not step or UNFIT_KEY.search(step) for step in key.split(".")):
        yield Fault(
            ("matchTags", key),
            "group.tag",
            f'"{key}" cannot be the path of a tag',
            "join keys with single dots; no spaces, $, #, quotes, [ or ]",
        )
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    if any(UNFIT_TEXT.search(text(value)) for value in values):
        yield Fault(
            ("matchTags", key),
            "group.value",
            "a condition cannot ask for a backslash, a double quote or a control character",
            "give the devices a tag with a plainer value",
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
    return path_text(("tags", *steps))


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
        ("allowAll",): FieldRule.IGNORE,  # says that every device is meant
        ("previousName",): FieldRule.IGNORE,  # where it comes from, not what it is
        ("owner",): FieldRule.IGNORE,  # asks the loader for it
        ("name",): FieldRule.IGNORE,  # asks the loader for it
    },
    check=check,
    normalize=normalize,
    stand_in=lambda spec: spec["targetCondition"],
    managed=lambda spec: "devices" in spec,
    meanwhile=meanwhile,
    follows=("Device",),
    succeeds=lambda spec: text(spec.get("previousName")),
)
