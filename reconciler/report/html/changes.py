"""The changes of a plan as folds: one line each, and inside it every field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from reconciler.plan.entries import Entry
from reconciler.report import impact, view, words
from reconciler.report.html.element import Markup, block, element, together
from reconciler.report.view import Context, Row

VERBS = {
    "+": "create",
    "~": "update",
    "+/-": "replace",
    "-": "delete",
    "=": "adopt",
}
"""By sign, in the order in which they are counted."""
OPEN = 4
"""Up to this many changes, all folds are open from the start."""


def verb(entry: Entry) -> str:
    return VERBS[view.sign(entry)]


def counts(found: Sequence[Entry]) -> dict[str, int]:
    """Of the sorts of changes that there are."""
    told = Counter(map(verb, found))
    return {name: told[name] for name in VERBS.values() if told[name]}


def section(found: Sequence[Entry], context: Context) -> Markup:
    if not found:
        nothing = block("p", "quiet", "There is nothing to change.")
        return element("section", {"id": "changes"}, element("h2", {}, "Changes"), nothing)
    waves = (
        _wave(number, tuple(entries), context, open_=len(found) <= OPEN)
        for number, entries in groupby(found, key=lambda entry: entry.wave)
    )
    return element(
        "section", {"id": "changes"}, element("h2", {}, "Changes"), _filters(found), *waves
    )


def _filters(found: Sequence[Entry]) -> Markup:
    """Of use with the script only, which is what shows them."""
    boxes = (
        element(
            "label",
            {"class": f"chip {name}"},
            element(
                "input", {"type": "checkbox", "name": "action", "value": name, "checked": None}
            ),
            f" {name} ",
            block("span", "count", f"{count:,}"),
        )
        for name, count in counts(found).items()
    )
    kinds = sorted({entry.change.id.kind for entry in found})
    options = (element("option", {"value": kind}, kind) for kind in kinds)
    every = element("option", {"value": ""}, "All kinds")
    choice = element("select", {"id": "kind", "name": "kind"}, every, *options)
    words_ = element("input", {"id": "text", "type": "search", "placeholder": "name, field, value"})
    return element(
        "div",
        {"id": "filters", "role": "search", "aria-label": "Filter the changes", "hidden": None},
        element("fieldset", {}, element("legend", {}, "Action"), *boxes),
        element("label", {"class": "field"}, block("span", "", "Kind"), choice),
        element("label", {"class": "field grow"}, block("span", "", "Text"), words_),
        block(
            "div",
            "buttons",
            element("button", {"type": "button", "id": "open"}, "Open all"),
            element("button", {"type": "button", "id": "close"}, "Close all"),
        ),
        element(
            "p",
            {"id": "shown", "role": "status"},
            f"{words.counted(len(found), 'change')}",
        ),
    )


def _wave(number: int, found: Sequence[Entry], context: Context, *, open_: bool) -> Markup:
    head = element(
        "h3", {}, f"Wave {number} ", block("span", "quiet", words.counted(len(found), "change"))
    )
    rows = (_change(each, context, open_=open_) for each in found)
    return block("div", "wave", head, block("div", "rows", *rows))


def _change(entry: Entry, context: Context, *, open_: bool) -> Markup:
    name = verb(entry)
    attributes = {"class": f"change {name}", "data-action": name, "data-kind": entry.change.id.kind}
    shown: dict[str, str | int | None] = {**attributes, **({"open": None} if open_ else {})}
    return element("details", shown, _head(entry, context), _body(entry, context))


def _head(entry: Entry, context: Context) -> Markup:
    change = entry.change
    kind = block("span", "kind", f"{change.id.kind}/")
    parts = [
        block("span", "name", kind, element("b", {}, change.id.name)),
        block("span", "verb", verb(entry)),
    ]
    if names := " → ".join(filter(None, (", ".join(view.old_names(entry)), view.new_name(entry)))):
        parts.append(block("span", "names", names))
    cells = [block("span", "sign", view.sign(entry)), block("span", "what", together(parts, " "))]
    if devices := impact.devices(context.impact, change.id):
        cells.append(block("span", "devices", devices))
    return element("summary", {}, together(cells, " "))


def _body(entry: Entry, context: Context) -> Markup:
    rows = view.rows(entry, context)
    told = element("p", {}, f"{view.subject(entry)} {view.sentence(entry)}.")
    facts = block("dl", "facts", *(_fact(*each) for each in _facts(entry)))
    outlook = tuple(view.outlook(entry, context))
    effects = (block("p", "effect", line) for line in outlook)
    notes = tuple(view.notes(entry, rows))
    quiet = (block("p", "quiet", " ".join(notes)),) if notes else ()
    return block("div", "inside", told, facts, *effects, *_fields(rows), *quiet)


def _facts(entry: Entry) -> Iterator[tuple[str, str]]:
    for name, value in (
        ("Written in", view.origin(entry)),
        ("Priority", view.priority(entry)),
        ("Condition", view.condition(entry)),
    ):
        if value:
            yield name, value


def _fact(name: str, value: str) -> Markup:
    return element(
        "div", {}, element("dt", {}, name), element("dd", {}, element("code", {}, value))
    )


def _fields(rows: Sequence[Row]) -> Iterator[Markup]:
    """Without the column for what was before where nothing was."""
    if not rows:
        return
    both = any(row.before for row in rows)
    names = ("Field", "Before", "After") if both else ("Field", "Value")
    heads = (element("th", {"scope": "col"}, name) for name in names)
    head = element("thead", {}, element("tr", {}, *heads))
    body = element("tbody", {}, *(_row(row, both=both) for row in rows))
    caption = block("caption", "unseen", "Fields that differ")
    yield block("table", "fields both" if both else "fields", caption, head, body)


def _row(row: Row, *, both: bool) -> Markup:
    rest = (block("span", "quiet", f" {row.rest}"),) if row.rest else ()
    before = (element("td", {}, *_side("del", row.before)),) if both else ()
    return element(
        "tr",
        {"class": "secret"} if row.secret else {},
        element("th", {"scope": "row"}, element("code", {}, row.name)),
        *before,
        element("td", {}, *_side("ins", row.after), *rest),
    )


def _side(name: str, value: str) -> Iterator[Markup]:
    if value:
        yield element(name, {}, value)
