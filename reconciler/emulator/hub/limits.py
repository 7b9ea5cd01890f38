"""What fits into a twin.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins (format and size): a section
counts its keys, its strings in UTF-8, 8 bytes a number and 4 a boolean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from reconciler.emulator.hub import refusal

TAGS_BYTES = 8 * 1024
SECTION_BYTES = 32 * 1024
TEXT_BYTES = 4096
KEY_BYTES = 1024
DEPTH = 10
LARGEST = 2**52 - 1

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
FORBIDDEN_IN_KEYS = re.compile(r"[\x00-\x1f\x7f-\x9f.$# ]")


def check_section(name: str, content: object) -> None:
    """Raises the hub's refusal of a whole section that breaks a rule."""
    if not isinstance(content, Mapping):
        raise refusal.argument_invalid(f"{name} must be an object")
    _check(name, content, DEPTH)
    limit = TAGS_BYTES if name == "tags" else SECTION_BYTES
    if size(content) > limit:
        raise refusal.too_large(name, limit)


def size(value: object) -> int:
    """Bytes as the hub counts them."""
    match value:
        case bool():
            return 4
        case int() | float():
            return 8
        case str():
            return len(CONTROL.sub("", value).encode())
        case Mapping():
            return sum(size(key) + size(each) for key, each in value.items())
        case list():
            return sum(size(each) for each in value)
        case _:
            return 0


def _check(path: str, value: object, levels: int) -> None:
    match value:
        case Mapping():
            for key, each in value.items():
                _check_key(path, key)
                _check_nested(f"{path}.{key}", each, levels)
        case list():
            for each in value:
                _check_nested(path, each, levels)
        case _:
            _check_scalar(path, value)


def _check_nested(path: str, value: object, levels: int) -> None:
    if isinstance(value, (Mapping, list)):
        levels -= 1
    if levels < 0:
        raise refusal.argument_invalid(f"{path} is nested deeper than {DEPTH} levels")
    _check(path, value, levels)


def _check_key(path: str, key: str) -> None:
    if not key or FORBIDDEN_IN_KEYS.search(key) or len(key.encode()) > KEY_BYTES:
        raise refusal.argument_invalid(f"{path} has an invalid key {key[:40]!r}")


def _check_scalar(path: str, value: object) -> None:
    match value:
        case None:
            raise refusal.argument_invalid(f"{path} must not be null")
        case str() if len(value.encode()) > TEXT_BYTES:
            raise refusal.argument_invalid(f"{path} is longer than {TEXT_BYTES} bytes")
        case int() if abs(value) > LARGEST:
            raise refusal.argument_invalid(f"{path} is out of range")
        case _:
            pass
