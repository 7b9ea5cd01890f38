"""How values are written where people read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.model import MASK, FieldPath, Value, canonical
from reconciler.plan import UNKNOWN

WIDTH = 100
CONTEXT = 20
"""How much of what two long texts begin with is shown before they differ."""
GAP = "   "
LINKED = re.compile(r"(\w+/.+)@v\d+:[0-9a-f]{64}")
"""A reference in a linked spec: what it refers to, and the generation that it stands for."""


def plain(text: str) -> str:
    """Text from YAML or from the cloud without anything that a terminal would act on."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(value: Value) -> str:
    """One value on one line; a reference without the digest that it stands for."""
    text = _whole(value)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def sides(before: Value, after: Value) -> str:
    """`before -> after`, cut so that a difference late in long values is still seen."""
    if isinstance(before, tuple) and isinstance(after, tuple) and (text := _members(before, after)):
        return text
    old, new = _whole(before), _whole(after)
    same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    if max(len(old), len(new)) <= WIDTH or same <= CONTEXT:
        return f"{shown(before)} -> {shown(after)}"
    opening = '"...' if isinstance(before, str) and isinstance(after, str) else "..."
    return " -> ".join(_cut(f"{opening}{text[same - CONTEXT :]}") for text in (old, new))


def _members(before: tuple[Value, ...], after: tuple[Value, ...]) -> str:
    """What joins a list and what leaves it, the rest counted; empty if only the order differs."""
    old, new = ({canonical(item): item for item in items} for items in (before, after))
    joins = tuple(item for key, item in new.items() if key not in old)
    goes = tuple(item for key, item in old.items() if key not in new)
    parts = [f"{sign}{shown(items)}" for sign, items in (("+", joins), ("-", goes)) if items]
    stays = counted(len(new) - len(joins), "other")
    return f"{' '.join(parts)} ({stays} unchanged)" if parts else ""


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


def columns(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows of cells as lines in which the cells stand below each other."""
    found = list(rows)
    widths = [max(len(row[n]) for row in found) for n in range(len(found[0]))] if found else []
    used = [n for n, width in enumerate(widths) if width]
    for row in found:
        yield GAP.join(row[n].ljust(widths[n]) for n in used).rstrip()


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _whole(value: Value) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, tuple):
        return f"[{', '.join(_whole(item) for item in value)}]"
    if not isinstance(value, str):
        return plain(canonical(value))
    if value in {MASK, UNKNOWN}:
        return value
    linked = LINKED.fullmatch(value)
    return plain(linked[1]) if linked else f'"{plain(value)}"'


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."
