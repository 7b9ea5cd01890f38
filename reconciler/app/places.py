"""Where the fields are written that a plan has something to say about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.app.fleet import Fleet
from reconciler.model import Diagnostic, FieldPath, Origin
from reconciler.plan import Plan
from reconciler.source.locate import Locator, Place


def with_places(fleet: Fleet, plan: Plan) -> Plan:
    """The plan, each problem of a field at its own line and column."""
    if plan.impact is None or not any(each.path for each in plan.impact.diagnostics):
        return plan
    files: dict[str, Locator] = {}
    found = {d: _located(d, fleet, files) for d in plan.impact.diagnostics}
    impact = replace(plan.impact, diagnostics=tuple(found.values()))
    said = sorted((found.get(each, each) for each in plan.diagnostics), key=str)
    return replace(plan, impact=impact, diagnostics=tuple(said))


def _located(said: Diagnostic, fleet: Fleet, files: dict[str, Locator]) -> Diagnostic:
    origin = said.origin
    if origin is None or not said.path:
        return said
    if origin.path not in files:
        files[origin.path] = Locator(origin.path, _text(fleet, origin))
    locator = files[origin.path]
    places = [locator.place(origin.line, ("spec", *path)) for path in _spellings(said.path)]
    place: Place = max(places, key=lambda each: each.found)
    return replace(said, origin=Origin(origin.path, place.line, place.column), path=())


def _text(fleet: Fleet, origin: Origin) -> str:
    try:
        return fleet.tree.read(origin.path).decode("utf-8-sig", "replace")
    except OSError:
        return ""


def _spellings(path: FieldPath) -> Iterator[FieldPath]:
    """Every way to write what stands at a path of a normalized spec; the first one is likelier."""
    yield path
    match path:
        case ("targetCondition" | "matchTags", *_):
            yield from ((field,) for field in ("targetCondition", "matchTags", "devices", "group"))
        case ("modules", module, "desiredProperties", *rest):
            for sort in ("modules", "twins"):
                yield (sort, module, "desiredPropertySections", ".".join(rest))
                yield (sort, module, "desiredProperties", *rest)
        case ("modules", module, *_):
            yield ("twins", module)
        case _:
            return
