"""What becomes of devices: a bar for each deployment, by group, and every manifest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from reconciler.plan.entries import Entry
from reconciler.plan.impact import EffectiveChange, Impact
from reconciler.report import impact, view, words
from reconciler.report.html.chart import share
from reconciler.report.html.element import Markup, block, element, scrolled

DEPLOYMENT = "Deployment"
SHOWN = 100
"""Manifests that are listed; JSON has them all."""


def section(found: Sequence[Entry], told: Impact | None) -> Iterator[Markup]:
    """Nothing where no device was looked at."""
    if told is None:
        return
    percent = 100 * told.devices / told.of if told.of else 0
    lead = (
        f"{told.devices:,} of {words.counted(told.of, 'device')} ({percent:.1f} %) get another"
        " manifest."
    )
    yield element(
        "section",
        {"id": "devices"},
        element("h2", {}, "Devices"),
        element("p", {}, lead),
        *_doubts(told),
        *_bars(found, told),
        *_manifests(told),
    )


def _doubts(told: Impact) -> Iterator[Markup]:
    if told.without_base:
        left = words.counted(told.without_base, "device")
        text = f"{left} left without a base: what runs there goes on, and nobody manages it."
        yield block("p", "banner refused", text)
    for doubt in told.doubts:
        yield block("p", "banner stale", f"These counts may be incomplete: {doubt}")


def _bars(found: Sequence[Entry], told: Impact) -> Iterator[Markup]:
    """Deployments that change, those of one group together."""
    reached = [
        (view.condition(entry), entry, reach.devices)
        for entry in found
        if entry.change.id.kind == DEPLOYMENT and (reach := told.reach.get(entry.change.id.lineage))
    ]
    reached.sort(key=lambda each: (each[0], -each[2], each[1].change.id))
    groups = [
        block(
            "div",
            "group",
            element("h4", {}, *_group(condition)),
            element("ul", {"class": "bars"}, *(_bar(e, count, told.of) for _, e, count in members)),
        )
        for condition, members in groupby(reached, key=lambda each: each[0])
    ]
    if groups:
        caption = "Devices that each changed deployment is for, by target condition"
        yield element("h3", {}, "By group and deployment")
        yield element(
            "figure", {}, block("figcaption", "quiet", f"{caption} (of {told.of:,})."), *groups
        )


def _group(condition: str) -> Iterator[str | Markup]:
    if condition:
        yield element("code", {}, condition)
    else:
        yield "Without a condition of its own"


def _bar(entry: Entry, count: int, of: int) -> Markup:
    return element(
        "li",
        {},
        block("span", "name", entry.change.id.name),
        block("span", "value", f"{count:,} of {of:,}"),
        share(count, of),
    )


def _manifests(told: Impact) -> Iterator[Markup]:
    """One row for each pair of manifests that devices go from and to."""
    if not told.changes:
        return
    yield element("h3", {}, "By manifest")
    heads = ("Devices", "Such as", "Runs afterwards", "What happens there")
    head = element("tr", {}, *(element("th", {"scope": "col"}, name) for name in heads))
    rows = (_manifest(each) for each in told.changes[:SHOWN])
    table = element("table", {}, element("thead", {}, head), element("tbody", {}, *rows))
    yield scrolled("What happens on devices, by manifest", table)
    if left := told.changes[SHOWN:]:
        others = sum(each.devices for each in left)
        text = f"{words.counted(others, 'device')} with {len(left):,} further manifests."
        yield block("p", "quiet", text)


def _manifest(each: EffectiveChange) -> Markup:
    stack = "no base is left" if each.loses_base else " + ".join(each.after.applied)
    lines = (element("li", {}, line) for line in impact.effect_lines(each.effects))
    return element(
        "tr",
        {},
        block("td", "number", f"{each.devices:,}"),
        element("td", {}, element("code", {}, each.example)),
        element("td", {}, element("code", {}, stack)),
        element("td", {}, block("ul", "plain", *lines)),
    )
