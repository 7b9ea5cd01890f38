"""What can be wrong with routes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from reconciler.edge.defaults import BASE
from reconciler.edge.lint.variable import is_open
from reconciler.edge.route import RouteError, parse
from reconciler.edge.shape import at
from reconciler.model import Fault, FieldPath, Severity, Spec, Value, mapping

LAST_PRIORITY = 9
LONGEST = 4294967295
_NAME = re.compile(r"[^.$# \x00-\x1f\x7f]+")
_FIELDS = {"route", "priority", "timeToLiveSecs"}


@dataclass(frozen=True, slots=True)
class _Modules:
    """The modules that a deployment speaks of, and whether they should be all of a device."""

    known: frozenset[str]
    all: bool


def route_faults(spec: Spec) -> Iterator[Fault]:
    old = at(spec, "schemaVersions", "edgeHub") == "1.0"
    known = frozenset({*mapping(spec.get("modules")), *mapping(spec.get("twins"))})
    modules = _Modules(known, spec.get("type") == BASE)
    for name, told in mapping(spec.get("routes")).items():
        path = ("routes", name)
        if not _NAME.fullmatch(name):
            summary = f'"{name}" cannot be the name of a route: no . $ # or space can'
            yield Fault(path, "route.name", summary, "rename it")
        if isinstance(told, Mapping):
            yield from _fields(path, told, old=old)
            yield from _rule((*path, "route"), told.get("route"), modules)
        else:
            yield from _rule(path, told, modules)


def _fields(path: FieldPath, told: Spec, *, old: bool) -> Iterator[Fault]:
    if old:
        summary = "a route with fields needs schema 1.1; edgeHub refuses the whole manifest"
        hint = 'write "1.1" as the schema version of $edgeHub, or the route as text'
        yield Fault(path, "route.schema", summary, hint)
    for key in sorted(told.keys() - _FIELDS):
        summary = f'a route has no field "{key}"'
        yield Fault((*path, key), "route.field", summary, f"write one of {sorted(_FIELDS)}")
    for key, last in (("priority", LAST_PRIORITY), ("timeToLiveSecs", LONGEST)):
        if key in told and not is_open(told[key]) and not _within(told[key], last):
            summary = f"{key} is a whole number from 0 to {last}, not {told[key]!r}"
            hint = "0 is sent first" if key == "priority" else "0 means what storeAndForward says"
            yield Fault((*path, key), f"route.{key}", summary, hint)


def _within(value: Value, last: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= last


def _rule(path: FieldPath, text: Value, modules: _Modules) -> Iterator[Fault]:
    if not isinstance(text, str):
        hint = "write FROM <source> INTO <sink>"
        yield Fault(path, "route.shape", "a route must be text", hint)
        return
    try:
        route = parse(text)
    except RouteError as error:
        if not is_open(text):
            yield Fault(path, "route.syntax", str(error), error.hint)
        return
    if not route.known and not is_open(route.source):
        summary = f"{route.source} is no source of messages that edgeHub documents"
        hint = "most are /messages/modules/<module>/outputs/<output>"
        yield Fault(path, "route.source", summary, hint, Severity.WARNING)
    for module in sorted(set(route.modules) - modules.known):
        if not is_open(module):
            yield from _unknown(path, module, modules)


def _unknown(path: FieldPath, module: str, modules: _Modules) -> Iterator[Fault]:
    """In a layer a route to a module of the base is usual: only what looks misspelt is told."""
    close = get_close_matches(module, sorted(modules.known), 1, 0.8)
    if not modules.all and not close:
        return
    summary = f'the module "{module}" is not in this deployment'
    hint = "fine if another deployment of the same devices has it"
    if close:
        hint = f'did you mean "{close[0]}"?'
    yield Fault(path, "route.module", summary, hint, Severity.WARNING)
