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


def sides(before: Value, after: Value) -> tuple[str, str, str]:
    """Both values, cut so that a difference late in long ones is still seen.

    Of two lists only what leaves and what joins, with the rest of them counted.
    """
    if isinstance(before, tuple) and isinstance(after, tuple):
        members = _members(before, after)
        if any(members[:2]):
            return members
    old, new = _whole(before), _whole(after)
    same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    if max(len(old), len(new)) <= WIDTH or same <= CONTEXT:
        return shown(before), shown(after), ""
    opening = '"...' if isinstance(before, str) and isinstance(after, str) else "..."
    cut = [_cut(f"{opening}{text[same - CONTEXT :]}") for text in (old, new)]
    return cut[0], cut[1], ""


def beside(before: str, after: str, rest: str) -> str:
    """Both sides on one line: `old -> new`, or what joins and leaves a list."""
    if rest and rest != UNKNOWN:
        parts = (f"{sign}{side}" for sign, side in (("+", after), ("-", before)) if side)
        return " ".join((*parts, rest))
    return f"{' -> '.join(filter(None, (before, after)))}{f' {rest}' if rest else ''}"


def _members(before: tuple[Value, ...], after: tuple[Value, ...]) -> tuple[str, str, str]:
    """What leaves a list, what joins it, the rest counted; nothing if only the order differs."""
    old, new = ({canonical(item): item for item in items} for items in (before, after))
    joins = tuple(item for key, item in new.items() if key not in old)
    goes = tuple(item for key, item in old.items() if key not in new)
    left, came = (shown(items) if items else "" for items in (goes, joins))
    return left, came, f"({counted(len(new) - len(joins), 'other')} unchanged)"


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
