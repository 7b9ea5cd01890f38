"""How values are written where people read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reconciler.model import MASK, FieldPath, Value, canonical

WIDTH = 100
LINKED = re.compile(r"(\w+/.+)@v\d+:[0-9a-f]{64}")
"""A reference in a linked spec: what it refers to, and the generation that it stands for."""


def plain(text: str) -> str:
    """Text from YAML or from the cloud without anything that a terminal would act on."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(value: Value) -> str:
    """One value on one line; a reference without the digest that it stands for."""
    if value is None:
        return "(none)"
    if isinstance(value, str):
        if value == MASK or (value.startswith("(") and value.endswith(")")):
            return value
        linked = LINKED.fullmatch(value)
        text = linked[1] if linked else f'"{value}"'
    else:
        text = canonical(value)
    text = plain(text)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def dotted(path: FieldPath) -> str:
    return ".".join(f"[{plain(key)}]" if "." in key else plain(key) for key in path)


def leaves(value: Value, path: FieldPath = ()) -> Iterator[tuple[FieldPath, Value]]:
    """Every field of a document that says something, in order."""
    if isinstance(value, Mapping):
        for key in value:
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, tuple) and any(isinstance(item, Mapping) for item in value):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, str(index)))
    elif value is not None and value != ():
        yield path, value
