"""What becomes of devices: a bar for each deployment, by group, and every manifest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from reconciler.plan.entries import Entry
from reconciler.plan.impact import EffectiveChange, Impact
from reconciler.plan.picture import GROUP
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
    """Deployments that change, those of one group together, the largest groups first."""
    groups: defaultdict[tuple[str, str], list[tuple[int, Entry]]] = defaultdict(list)
    for entry in found:
        reach = told.reach.get(entry.change.id.lineage)
        if entry.change.id.kind == DEPLOYMENT and reach:
            groups[_group(entry)].append((reach.devices, entry))
    if not groups:
        return
    order = sorted(groups.items(), key=lambda each: (-max(n for n, _ in each[1]), each[0]))
    caption = f"Devices that each changed deployment is for, of {told.of:,}."
    yield element("h3", {}, "By group and deployment")
    yield element(
        "figure",
        {},
        block("figcaption", "quiet", caption),
        *(_members(*group, members, told.of) for group, members in order),
    )


def _group(entry: Entry) -> tuple[str, str]:
    """Name and condition, as far as they are known: of a deletion, only what was live is."""
    sides = (entry.change.after, entry.change.before)
    refs = (ref for side in sides if side for ref in side.refs.values())
    return next((ref.name for ref in refs if ref.kind == GROUP), ""), view.condition(entry)


def _members(name: str, condition: str, members: Sequence[tuple[int, Entry]], of: int) -> Markup:
    title = (element("b", {}, name),) if name else ("Other deployments",)
    where = (" ", element("code", {}, condition)) if condition else ()
    bars = (_bar(entry, count, of) for count, entry in members)
    return block(
        "div", "group", element("h4", {}, *title, *where), element("ul", {"class": "bars"}, *bars)
    )


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
        block("td", "number", element("code", {}, each.example)),
        element("td", {}, element("code", {}, stack)),
        element("td", {}, block("ul", "plain", *lines)),
    )
