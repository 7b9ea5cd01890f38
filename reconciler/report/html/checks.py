"""What is wrong or doubtful, and what stays although git has it no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.diff import Change
from reconciler.model import Diagnostic
from reconciler.plan import Plan
from reconciler.report import summary
from reconciler.report.html.element import Markup, block, element

SHOWN = 500
"""Extras that are listed; JSON has them all."""


def section(plan: Plan) -> Markup:
    found = summary.problems(plan)
    head = element("h2", {}, "Checks")
    if not found:
        return element(
            "section", {"id": "checks"}, head, block("p", "quiet", "Nothing was found wrong.")
        )
    items = block("ul", "checks", *map(_check, found))
    return element("section", {"id": "checks"}, head, items)


def extras(plan: Plan) -> Iterator[Markup]:
    if found := summary.extras(plan):
        rows = [element("tr", {}, *_extra(change)) for change in found[:SHOWN]]
        heads = ("Resource", "In the cloud", "Why it stays")
        head = element("tr", {}, *(element("th", {"scope": "col"}, name) for name in heads))
        table = element("table", {}, element("thead", {}, head), element("tbody", {}, *rows))
        more = _more(found[SHOWN:])
        yield element("section", {"id": "extras"}, element("h2", {}, "Not deleted"), table, *more)


def _more(left: Sequence[Change]) -> Iterator[Markup]:
    if left:
        yield block("p", "quiet", f"And {len(left):,} more.")


def _check(found: Diagnostic) -> Markup:
    severity = found.severity.value
    parts = [
        block("span", "severity", severity),
        element("code", {}, found.code),
        *((element("b", {}, str(found.subject)),) if found.subject else ()),
    ]
    line = element("p", {"class": "head"}, *(each for part in parts for each in (part, " ")))
    hint = (block("p", "quiet", f"Hint: {found.hint}"),) if found.hint else ()
    where = (block("p", "quiet", element("code", {}, str(found.origin))),) if found.origin else ()
    return block("li", severity, line, element("p", {}, found.summary), *hint, *where)


def _extra(change: Change) -> Iterator[Markup]:
    address = change.before.address if change.before else ""
    yield element("td", {}, str(change.id))
    yield element("td", {}, element("code", {}, address))
    yield element("td", {}, change.reason.value)
