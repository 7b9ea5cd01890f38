"""The content of a configuration: what it is for, and the paths that it sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from reconciler.emulator.errors import ServiceError
from reconciler.emulator.hub import limits, refusal

DESIRED = "properties.desired"
AGENT = "$edgeAgent"


class Kind(Enum):
    """Which twins a configuration is for; the value is its member in `content`."""

    EDGE = "modulesContent"
    DEVICE = "deviceContent"
    MODULE = "moduleContent"


@dataclass(frozen=True)
class Setting:
    """One key of a content: `properties.desired.a.b` sets the path (a, b), as a whole."""

    path: tuple[str, ...]
    value: Any


def kind(content: Mapping[str, Any]) -> Kind:
    """Raises InvalidConfigurationContent unless exactly one kind of content is given."""
    given = [each for each in Kind if content.get(each.value)]
    if len(given) != 1:
        raise refusal.invalid_content()
    return given[0]


def check(content: object) -> dict[str, Any]:
    """The content as stored: the one kind that is given, and nothing else."""
    if not isinstance(content, Mapping):
        raise refusal.invalid_content()
    given = kind(content)
    body = content[given.value]
    if given is Kind.EDGE:
        _check_modules(body)
    else:
        _check_settings(body)
    return {given.value: body}


def settings(body: Mapping[str, Any]) -> Iterator[Setting]:
    """The keys of one module's (or device's) part, shortest path first."""
    for key in sorted(body, key=lambda each: (each.count("."), each)):
        yield Setting(tuple(key[len(DESIRED) :].split(".")[1:]), body[key])


def is_layered(modules: Mapping[str, Mapping[str, Any]]) -> bool:
    """A layered deployment sets paths in `$edgeAgent`, not its desired properties as a whole."""
    return DESIRED not in modules[AGENT]


def _check_modules(modules: object) -> None:
    if not isinstance(modules, Mapping) or AGENT not in modules:
        raise refusal.invalid_content(
            "The content provided for configuration is invalid. Please check and try again"
        )
    for body in modules.values():
        _check_settings(body)


def _check_settings(body: object) -> None:
    if not isinstance(body, Mapping):
        raise refusal.invalid_content()
    for key, value in body.items():
        if key != DESIRED and not (key.startswith(DESIRED + ".") and all(key.split("."))):
            raise refusal.invalid_content()
        try:
            limits.check_section(key, value if key == DESIRED else {"value": value})
        except ServiceError as error:
            raise refusal.invalid_content(error.message) from error
