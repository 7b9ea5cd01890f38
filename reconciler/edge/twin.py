"""What the hub knows of one device, as far as target conditions can ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple, TypeAlias

from reconciler.edge.condition import Field


class Twin(NamedTuple):
    """A device; sections and keys that are missing are missing here, too."""

    device: str
    edge: bool = True
    """Only devices with IoT Edge count for deployments."""
    tags: Mapping[str, object] = {}
    reported: Mapping[str, object] = {}
    connected: bool | None = None
    """As the hub sees it; None where nobody said."""


class Odd(Enum):
    """Values that are neither text nor number; Python would take `True` for 1."""

    TRUE = "true"
    FALSE = "false"
    WHOLE = "an object or a list"


Cell: TypeAlias = "str | int | float | Odd | None"
"""A value as a condition sees it; None is what is not there."""


def cell(value: object) -> Cell:
    match value:
        case bool():
            return Odd.TRUE if value else Odd.FALSE
        case None | str() | int() | float() | Odd():
            return value
        case _:
            return Odd.WHOLE


def type_of(value: object) -> str:
    """What sort of value a condition sees: only those of one sort are ever equal."""
    match cell(value):
        case str():
            return "text"
        case int() | float():
            return "number"
        case Odd.TRUE | Odd.FALSE:
            return "true or false"
        case _:
            return "object"


def looked_up(twin: Twin, field: Field) -> object:
    """What a twin holds where a condition looks."""
    match field.path:
        case ("tags", *keys):
            return below(twin.tags, keys)
        case ("properties", "reported", *keys):
            return below(twin.reported, keys)
        case _:
            return twin.device


def below(section: object, keys: list[str]) -> object:
    """What stands below some keys; None if they lead nowhere."""
    for key in keys:
        if not isinstance(section, Mapping):
            return None
        section = section.get(key)
    return section
