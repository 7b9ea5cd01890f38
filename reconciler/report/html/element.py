"""HTML that is well formed by construction: text becomes markup in one place, escaped there."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.report import words

VOID = frozenset({"input", "meta"})
"""Elements that hold nothing and are not closed."""


@dataclass(frozen=True, slots=True)
class Markup:
    """Finished HTML, as opposed to text."""

    source: str


Attributes: TypeAlias = Mapping[str, str | int | None]
"""By name; None is an attribute without a value. Names are ours, values may be anything."""


def element(name: str, attributes: Attributes, *content: str | Markup) -> Markup:
    said = "".join(_attribute(key, value) for key, value in attributes.items())
    inner = "".join(_source(each) for each in content)
    return Markup(f"<{name}{said}>" if name in VOID else f"<{name}{said}>{inner}</{name}>")


def block(name: str, style: str, *content: str | Markup) -> Markup:
    """An element with a class, which most have; none, if the class is empty."""
    return element(name, {"class": style} if style else {}, *content)


def together(parts: Iterable[str | Markup], between: str = "") -> Markup:
    return Markup(html.escape(between).join(_source(each) for each in parts))


def scrolled(name: str, content: Markup) -> Markup:
    """What is wider than a phone, to be moved by itself, by keyboard too."""
    attributes: Attributes = {
        "class": "scrolled",
        "tabindex": 0,
        "role": "region",
        "aria-label": name,
    }
    return element("div", attributes, content)


def verbatim(name: str, source: str) -> Markup:
    """A style or a script of ours, byte for byte: its digest stands in the page's policy."""
    return Markup(f"<{name}>{source}</{name}>")


def _attribute(name: str, value: str | int | None) -> str:
    return f" {name}" if value is None else f' {name}="{html.escape(words.plain(str(value)))}"'


def _source(content: str | Markup) -> str:
    return content.source if isinstance(content, Markup) else html.escape(words.plain(content))
