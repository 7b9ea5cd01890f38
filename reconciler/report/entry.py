"""One entry of a plan as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.plan.entries import Entry
from reconciler.report import impact, view, words
from reconciler.report.view import Context, Row

INDENT = 6
NAME = 50
"""Up to this length, a field's name moves the values of the others to the right."""


def title(entry: Entry) -> tuple[str, str]:
    """What will happen, and where it was asked for."""
    return f"  # {view.subject(entry)} {view.sentence(entry)}", view.origin(entry)


def head(entry: Entry, context: Context) -> tuple[str, ...]:
    """Cells: the sign and the id, its names in the cloud, and whom it reaches."""
    priority = view.priority(entry)
    return (
        f"{view.sign(entry):>3} {view.subject(entry)}",
        view.names(entry),
        f"priority {priority}" if priority else "",
        view.condition(entry),
        impact.devices(context.impact, entry.change.id),
    )


def body(entry: Entry, context: Context) -> Iterator[str]:
    """The fields, and what stands in the way."""
    rows = view.rows(entry, context)
    lines = _pairs(rows) if entry.replaces else _columns(rows)
    for line in (*lines, *view.notes(entry, rows), *view.outlook(entry, context)):
        yield f"{'':{INDENT}}{line}"


def _pairs(rows: Sequence[Row]) -> Iterator[str]:
    """Paths into manifests are long: the values stand below them."""
    for row in rows:
        if row.secret:
            yield f"! {row.name}: {row.after}"
        else:
            yield row.name
            yield f"  {row.sign} {_value(row)}"


def _columns(rows: Sequence[Row]) -> Iterator[str]:
    """Names and values below each other, but for names that are very long."""
    found = [(f"{row.sign} {row.name}:", _value(row)) for row in rows]
    width = max((len(name) for name, _ in found if len(name) <= NAME), default=0)
    yield from (f"{name:{width}} {value}" for name, value in found)


def _value(row: Row) -> str:
    return words.beside(row.before, row.after, row.rest)
