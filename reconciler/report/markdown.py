"""The plan as one comment on a pull request.

The summary and the table of changes are always there. The rest is cut by whole sections, the
least telling ones first, when the budget of the service is spent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reconciler.diff import Change
from reconciler.model import Diagnostic, Severity, errors
from reconciler.plan import Plan
from reconciler.plan.entries import Entry, entries
from reconciler.report import impact, summary, view, words
from reconciler.report.about import About
from reconciler.report.markup import code, fence, link, marker, prose, row, tagged
from reconciler.report.view import Context, Row

GITHUB, AZURE_DEVOPS, GITLAB = 65_536, 150_000, 1_000_000
"""How many bytes a comment may have."""
OPEN = 12
"""A diff with more lines than this is folded."""
APART = 10
"""More diffs than this are put into one fold together."""
ALIGNED = {"": ":-:", "Devices": "--:", "Changes": "--:"}
LISTED = 20
"""How many of a list are named."""
HEAD = "#### Field by field\n\n"
FOLD = ("<details>\n<summary>Show every field</summary>\n\n", "</details>\n\n")


@dataclass(frozen=True, slots=True)
class Section:
    """What is kept or left out as a whole."""

    about: str
    """As it is named when it is left out."""
    text: str
    difference: bool = False


def render(plan: Plan, about: About, budget: int = GITHUB) -> str:
    """The comment: at most `budget` bytes, unless that is less than the summary alone."""
    found = tuple(entries(plan))
    context = view.context(plan)
    opening, closing = _opening(plan, about), _closing(plan, about)
    sections = (*_around(plan), *_differences(found, context))
    folds = FOLD if sum(section.difference for section in sections) > APART else ("", "")
    fixed = (opening, closing, HEAD, *folds, _left_out(sections, about))
    room = budget - sum(map(_size, fixed))
    table = next(each for each in _tables(found, context) if _size(each) <= room or not each)
    kept = _fitting(sections, room - _size(table))
    cut = _left_out([section for section in sections if section not in kept], about)
    plain = (section.text for section in kept if not section.difference)
    diffs = "".join(section.text for section in kept if section.difference)
    shown = f"{HEAD}{folds[0]}{diffs}{folds[1]}" if diffs else ""
    return "".join((opening, table, *plain, shown, cut, closing))


def invalid(
    environment: str, diagnostics: Sequence[Diagnostic], about: About, budget: int = GITHUB
) -> str:
    """The comment in place of a plan that could not be made; as many problems as there is room."""
    found = sorted(diagnostics, key=lambda d: (d.severity is not Severity.ERROR, str(d)))
    count = words.counted(len(errors(found)), "error")
    name = f" for {code(environment)}" if environment else ""
    opening = f"{marker('plan', environment)}\n### Plan{name}\n\n"
    lead = f"**No plan could be made: the documents have {count}.**\n\n"
    room = budget - 500  # for the last line, and the address in it
    lines = [f"- {_problem(each)}\n" for each in found]
    kept = _fitting((Section("", line) for line in lines), room - _size(opening + lead))
    left = words.counted(len(lines) - len(kept), "more problem")
    where = f" {link(about.full, 'the run')}" if about.full else " the log of the run"
    rest = f"\nand {left}: see{where}\n" if len(kept) < len(lines) else ""
    return opening + lead + "".join(section.text for section in kept) + rest


def _size(text: str) -> int:
    return len(text.encode())


def _fitting(sections: Iterable[Section], room: int) -> list[Section]:
    """As many as there is room for, in their order; what is too large is passed over."""
    kept = []
    for section in sections:
        if (size := _size(section.text)) <= room:
            kept.append(section)
            room -= size
    return kept


def _left_out(sections: Sequence[Section], about: About) -> str:
    """What is not in the comment, and where it is; nothing, if nothing is missing."""
    if not sections:
        return ""
    names = [section.about for section in sections if not section.difference]
    if fields := sum(section.difference for section in sections):
        names.append(f"the fields of {words.counted(fields, 'change')}")
    where = link(about.full, "the whole plan") if about.full else "`reconciler plan`"
    return f"**Left out for lack of room:** {', '.join(names)}. All of it is in {where}.\n\n"


def _opening(plan: Plan, about: About) -> str:
    lines = [marker("plan", plan.scope.environment), f"### Plan for {code(plan.scope.environment)}"]
    if about.stale:
        lines += ["", f"> **This plan is stale:** {prose(about.stale)}"]
    lines += ["", f"**{summary.lead(plan)}**"]
    if plan.changes:
        lines += ["", summary.objects(plan)]
    if not plan.applicable:
        count = words.counted(len(errors(plan.diagnostics)), "error")
        lines += ["", f"**This plan cannot be applied: {count}, see below.**"]
    if plan.left_out:
        lines += ["", f"Left out of this part: {words.counted(plan.left_out, 'change')}."]
    return "\n".join([*lines, "", ""])


def _closing(plan: Plan, about: About) -> str:
    sha = f"commit {code(plan.commit.sha[:12])}" if plan.commit.sha else str(plan.commit)
    dirty = " with uncommitted changes" if plan.commit.dirty else ""
    parts = [f"{sha}{dirty}", f"digest {code(about.digest)}"]
    reading = summary.reading(plan)
    if plan.requests:
        reading = f"live state read{_at(about)}: {reading.removeprefix('read ')}"
    parts.append(reading)
    if about.full:
        parts.append(link(about.full, "the whole plan"))
    return f"---\n<sub>{' · '.join(parts)}</sub>\n"


def _at(about: About) -> str:
    return f" at {code(about.moment)}" if about.read_at else ""


def _tables(found: Sequence[Entry], context: Context) -> Iterator[str]:
    """The table of all changes, a shorter one, and one in which every change is counted."""
    if not found:
        yield ""
    yield _table(
        ("", "Resource", "What happens", "In the cloud", "Devices"),
        (
            (
                code(view.sign(entry)),
                code(view.subject(entry)),
                prose(view.sentence(entry)),
                _names(entry),
                impact.part(context.impact, entry.change.id).replace(" ", "&nbsp;"),
            )
            for entry in found
        ),
    )
    yield _table(
        ("", "Resource"), ((code(view.sign(e)), code(view.subject(e), words.WIDTH)) for e in found)
    )
    counts = Counter((view.sign(entry), entry.change.id.kind) for entry in found)
    rows = ((code(s), code(kind), f"{count:,}") for (s, kind), count in sorted(counts.items()))
    told = f"{len(found):,} changes are counted, not listed: there is no room for a line for each."
    yield f"{_table(('', 'Kind', 'Changes'), rows)}{told}\n\n"
    yield ""


def _names(entry: Entry) -> str:
    old, new = ", ".join(map(code, view.old_names(entry))), code(view.new_name(entry))
    return " → ".join(filter(None, (old, new)))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Only the columns in which something stands."""
    found = list(rows)
    used = [at for at in range(len(head)) if any(cells[at] for cells in found)]
    names = [head[at] for at in used]
    rule = row(ALIGNED.get(name, "---") for name in names)
    lines = (row(cells[at] for at in used) for cells in found)
    return "\n".join([row(names), rule, *lines, "", ""])


def _around(plan: Plan) -> Iterator[Section]:
    """What is wrong, what becomes of devices, and what stays although git has it no more."""
    if problems := summary.problems(plan):
        yield _list("what was found wrong", "Checks", map(_problem, problems))
    if lines := list(_devices(plan)):
        yield _list("the effect on devices", "On the devices", lines)
    if extras := summary.extras(plan):
        yield _list("what is not deleted", "Not deleted", map(_extra, extras))


def _list(about: str, head: str, items: Iterable[str]) -> Section:
    found = list(items)
    lines = [f"- {item}" for item in found[:LISTED]]
    if left := len(found) - LISTED:
        lines += [f"- and {left:,} more"] if left > 0 else []
    return Section(about, "\n".join([f"#### {head}", "", *lines, "", ""]))


def _problem(found: Diagnostic) -> str:
    subject = f"{code(str(found.subject))}: " if found.subject else ""
    hint = f"<br>hint: {prose(found.hint)}" if found.hint else ""
    where = f" ({code(str(found.origin))})" if found.origin else ""
    head = f"**{found.severity.value}** {code(found.code)} {subject}"
    return f"{head}{prose(found.summary)}{where}{hint}"


def _extra(change: Change) -> str:
    address = change.before.address if change.before else ""
    return f"{code(str(change.id))} {code(address)}: {prose(change.reason.value)}"


def _devices(plan: Plan) -> Iterator[str]:
    found = plan.impact
    if found is None:
        return
    for each in found.changes:
        told = "; ".join(prose(line) for line in impact.effect_lines(each.effects))
        stack = "no base is left" if each.loses_base else code(" + ".join(each.after.applied))
        count = words.counted(each.devices, "device")
        yield f"**{count}**, such as {code(each.example)}: {stack}{f' — {told}' if told else ''}"
    if found.without_base:
        left = words.counted(found.without_base, "device")
        yield f"**{left} left without a base**: what runs there goes on, and nobody manages it"
    for doubt in found.doubts:
        yield f"these counts may be incomplete: {prose(doubt)}"


def _differences(found: Sequence[Entry], context: Context) -> Iterator[Section]:
    for entry in found:
        rows = view.rows(entry, context)
        lines = [line for each in rows for line in _lines(each)]
        lines += [f"  {note}" for note in view.notes(entry, rows)]
        outlook = [prose(line) for line in view.outlook(entry, context)]
        if lines or outlook:
            yield Section("", "\n".join(_difference(entry, lines, outlook)), difference=True)


def _difference(entry: Entry, lines: Sequence[str], outlook: Sequence[str]) -> Iterator[str]:
    parts = view.sign(entry), view.subject(entry)
    told = " · ".join(filter(None, (code(view.origin(entry)), *_reach(entry))))
    if folded := len(lines) > OPEN:
        yield f"<details>\n<summary>{' '.join(map(tagged, parts))}: {len(lines)} lines</summary>\n"
        yield from (f"{told}\n",) if told else ()
    else:
        yield f"**{' '.join(map(code, parts))}** {told}\n"
    if lines:
        yield from fence(lines, "diff")
        yield ""
    yield from (f"{line}\n" for line in outlook)
    if folded:
        yield "</details>\n"
    yield ""


def _reach(entry: Entry) -> Iterator[str]:
    if priority := view.priority(entry):
        yield f"priority {code(priority)}"
    yield code(view.condition(entry))


def _lines(each: Row) -> Iterator[str]:
    """A field in the form of a diff: its sign in column 0."""
    if each.secret:
        yield f"! {each.name}: {each.after}"
        return
    sides = [f"{sign} {each.name}: {side}" for sign, side in _sides(each) if side]
    rest = f" {each.rest}" if each.rest else ""
    yield from (*sides[:-1], f"{sides[-1]}{rest}")


def _sides(each: Row) -> tuple[tuple[str, str], ...]:
    return ("-", each.before), ("+", each.after)
