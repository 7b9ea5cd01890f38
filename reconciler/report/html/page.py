"""The page as a whole: a reader's way through it, and the policy that keeps it to itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.model import errors
from reconciler.plan import Plan
from reconciler.plan.entries import Entry, entries
from reconciler.plan.picture import of_plan
from reconciler.report import summary, view, words
from reconciler.report.about import About
from reconciler.report.html import changes, checks, devices, picture
from reconciler.report.html.chart import share
from reconciler.report.html.element import Markup, block, element, verbatim


@dataclass(frozen=True, slots=True)
class Dress:
    """What makes the page more than text; both are parts of this program."""

    style: str
    script: str


def render(plan: Plan, about: About, dress: Dress) -> str:
    """One file that loads nothing, sends nothing and runs nothing but its own script."""
    found = tuple(entries(plan))
    body = element(
        "body",
        {},
        element("a", {"class": "skip", "href": "#changes"}, "Skip to the changes"),
        _header(plan, about),
        _ways(_counts(plan, found)),
        element("main", {}, *_banners(plan, about), _tiles(plan, found), *_sections(plan, found)),
        _footer(plan, about),
        verbatim("script", dress.script),
    )
    page = element("html", {"lang": "en"}, _head(plan, dress), body)
    return f"<!doctype html>\n{page.source}\n"


def _sections(plan: Plan, found: Sequence[Entry]) -> Iterator[Markup]:
    yield changes.section(found, view.context(plan))
    yield from devices.section(found, plan.impact)
    yield from picture.section(of_plan(plan))
    yield checks.section(plan)
    yield from checks.extras(plan)


def _counts(plan: Plan, found: Sequence[Entry]) -> Sequence[tuple[str, str, int]]:
    return [
        ("changes", "Changes", len(found)),
        *([("devices", "Devices", plan.impact.devices)] if plan.impact else []),
        ("graph", "Graph", len(plan.desired)),
        ("checks", "Checks", len(plan.diagnostics)),
        *([("extras", "Not deleted", len(extras))] if (extras := summary.extras(plan)) else []),
    ]


def _head(plan: Plan, dress: Dress) -> Markup:
    policy = (
        f"default-src 'none'; style-src {_digest(dress.style)}; script-src {_digest(dress.script)};"
        " base-uri 'none'; form-action 'none'"
    )
    return element(
        "head",
        {},
        element("meta", {"charset": "utf-8"}),
        element("meta", {"http-equiv": "Content-Security-Policy", "content": policy}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", {"name": "color-scheme", "content": "light dark"}),
        element("meta", {"name": "referrer", "content": "no-referrer"}),
        element("title", {}, f"{plan.scope.environment}: {summary.lead(plan)}"),
        verbatim("style", dress.style),
    )


def _digest(source: str) -> str:
    found = hashlib.sha256(source.encode()).digest()
    return f"'sha256-{base64.b64encode(found).decode()}'"


def _header(plan: Plan, about: About) -> Markup:
    facts = [summary.source(plan), summary.reading(plan)]
    if about.read_at and plan.requests:
        facts.append(about.moment)
    return element(
        "header",
        {},
        block("p", "eyebrow", "reconciler plan"),
        element("h1", {}, plan.scope.environment or "Plan"),
        block("p", "lead", summary.lead(plan)),
        block("p", "quiet", " · ".join(facts)),
    )


def _ways(counts: Sequence[tuple[str, str, int]]) -> Markup:
    """Links to the sections that there are, with how much is in them."""
    links = (
        element("a", {"href": f"#{name}"}, title, block("span", "count", f" {count:,}"))
        for name, title, count in counts
    )
    return element("nav", {"aria-label": "Sections"}, *links)


def _banners(plan: Plan, about: About) -> Iterator[Markup]:
    if about.stale:
        yield block("p", "banner stale", element("b", {}, "This plan is stale: "), about.stale)
    if not plan.applicable:
        count = words.counted(len(errors(plan.diagnostics)), "error")
        link = element("a", {"href": "#checks"}, count)
        yield block("p", "banner refused", "This plan cannot be applied: ", link, ".")
    if plan.left_out:
        left = words.counted(plan.left_out, "change")
        yield block(
            "p", "banner stale", f"Only a part of the fleet was asked for: {left} left out."
        )


def _tiles(plan: Plan, found: Sequence[Entry]) -> Markup:
    """The figures that somebody looks for first."""
    new = sum(change.before is None for change in plan.changes)
    tiles = [_tile(name, f"{count:,}", "") for name, count in changes.counts(found).items()]
    if plan.impact:
        tiles.append(_share("devices", plan.impact.devices, plan.impact.of))
    tiles.append(_share("objects", len(plan.changes), plan.objects + new))
    tiles += [_share(f"{room.kind} slots", room.peak, room.limit) for room in plan.rooms]
    return block("dl", "tiles", *tiles)


def _tile(name: str, value: str, rest: str, *more: Markup) -> Markup:
    told = element("dd", {}, element("b", {}, value), *((f" {rest}",) if rest else ()), *more)
    style = f"tile {name}" if name in changes.VERBS.values() else "tile"
    return block("div", style, element("dt", {}, name), told)


def _share(name: str, part: int, of: int) -> Markup:
    return _tile(name, f"{part:,}", f"of {of:,}", share(part, of))


def _footer(plan: Plan, about: About) -> Markup:
    facts = [
        ("Commit", str(plan.commit)),
        ("Repository", plan.commit.repository),
        ("Plan digest", about.digest),
        ("Live state", " ".join(filter(None, (summary.reading(plan), about.moment)))),
        ("Owner", plan.scope.owner),
    ]
    rows = (
        element("div", {}, element("dt", {}, name), element("dd", {}, value))
        for name, value in facts
        if value
    )
    return element("footer", {}, element("dl", {}, *rows))
