"""Routes of edgeHub: `FROM <source> [WHERE <condition>] INTO <sink>`.

The grammar is that of https://learn.microsoft.com/azure/iot-edge/module-composition; edgeHub
takes its words in any case. The condition is edgeHub's to read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

UPSTREAM = "$upstream"

_RULE = re.compile(
    r"FROM\s+(?P<source>.+?)(?:\s+WHERE\s+(?P<condition>.+?))?\s+INTO\s+(?P<sink>.+)",
    re.IGNORECASE | re.DOTALL,
)
_MODULE = r"[^/\s]+"
_SOURCE = re.compile(r"/\S*")
_FROM_MODULE = re.compile(rf"/messages/modules/(?P<module>{_MODULE})(/.*)?", re.IGNORECASE)
_KNOWN = re.compile(
    r"/\*|/twinChangeNotifications.*|/moduleLifecycleEvents.*|/deviceLifecycleEvents.*|"
    r"/deviceConnectionStateEvents.*|/messages(/\*|/modules(/.*)?)?",
    re.IGNORECASE,
)
_ENDPOINT = re.compile(
    rf"BrokeredEndpoint\(\s*([\"'])/modules/(?P<module>{_MODULE})/inputs/[^/\s\"']+\1\s*\)",
    re.IGNORECASE,
)


class RouteError(ValueError):
    """edgeHub cannot read the route. The message is fit to show to a person."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Route:
    """A route, as far as we look into it."""

    source: str
    condition: str
    sink: str
    modules: tuple[str, ...]
    """Those that it names, as source or sink."""
    known: bool
    """Whether the source is one of those that edgeHub documents."""


def parse(text: str) -> Route:
    """Read a route, or say why edgeHub would not."""
    rule = _RULE.fullmatch(text.strip())
    if rule is None:
        hint = "write FROM /messages/modules/<module>/outputs/<output> INTO $upstream"
        raise RouteError(f"a route is FROM ... [WHERE ...] INTO ..., this is: {text.strip()}", hint)
    source, sink = rule["source"].strip(), rule["sink"].strip()
    if not _SOURCE.fullmatch(source):
        hint = "write /messages/modules/<module>/outputs/<output>, or /messages/* for all"
        raise RouteError(f'a source is a path, "{source}" is not', hint)
    named = [found["module"] for found in (_FROM_MODULE.fullmatch(source),) if found]
    named += _sink_modules(sink)
    known = _KNOWN.fullmatch(source) is not None
    modules = tuple(name for name in named if name != "*")
    return Route(source, rule["condition"] or "", sink, modules, known)


def _sink_modules(sink: str) -> list[str]:
    if sink.lower() == UPSTREAM:
        return []
    if found := _ENDPOINT.fullmatch(sink):
        return [found["module"]]
    hint = 'write $upstream, or BrokeredEndpoint("/modules/<module>/inputs/<input>")'
    if sink.endswith(";"):
        hint = "take the semicolon away"
    raise RouteError(f"{sink} is not a place that edgeHub can send to", hint)
