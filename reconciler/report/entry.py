"""One entry of a plan as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.diff import Action, Change, FieldChange, Reason
from reconciler.diff.content import content_changes, leaves
from reconciler.model import MASK, FieldRule, Observed, Resource, ResourceId, replaced, short
from reconciler.plan import UNKNOWN
from reconciler.plan.entries import Entry
from reconciler.plan.impact import Impact
from reconciler.plan.secrets import COUNTER
from reconciler.report import impact, words

SIGN = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.NOOP: "="}
TAMPERED = "tampered:"
"""How a generation begins whose live content is not what was once written."""
INDENT = 6
NAME = 50
"""Up to this length, a field's name moves the values of the others to the right."""
UNSHOWN = "(sensitive value, changed)"
ROTATED = "(the secret was rotated outside git: no module restarts for it)"


@dataclass(frozen=True, slots=True)
class Context:
    """What the lines of one entry need to know of the rest of the plan."""

    desired: Mapping[ResourceId, Resource]
    blockers: Mapping[ResourceId, Change]
    """By the change that cannot be done: what it waits for in vain."""
    impact: Impact | None = None


def sign(entry: Entry) -> str:
    return "+/-" if entry.replaces else signed(entry.change)


def signed(change: Change) -> str:
    return "=" if change.reason is Reason.ADOPTED else SIGN[change.action]


def title(entry: Entry) -> tuple[str, str]:
    """What will happen, and where it was asked for."""
    change = entry.change
    origin = str(change.after.origin) if change.after and change.after.origin else ""
    return f"  # {words.plain(str(change.id))} {_sentence(entry)}", words.plain(origin)


def head(entry: Entry, context: Context) -> tuple[str, ...]:
    """Cells: the sign and the id, its names in the cloud, and whom it reaches."""
    change = entry.change
    wanted = change.settled or change.after
    spec = wanted.spec if wanted else {}
    priority = f"priority {words.shown(spec['priority'])}" if "priority" in spec else ""
    condition = spec.get("targetCondition")
    reach = words.plain(condition) if isinstance(condition, str) else ""
    count = impact.devices(context.impact, change.id)
    return f"{sign(entry):>3} {words.plain(str(change.id))}", _names(entry), priority, reach, count


def body(entry: Entry, context: Context) -> Iterator[str]:
    """The fields, and what stands in the way."""
    change = entry.change
    match change.action:
        case Action.CREATE if entry.replaces:
            yield from _replacement(entry, context)
        case Action.CREATE:
            yield from _creation(change)
        case Action.UPDATE:
            yield from _update(change)
        case Action.DELETE | Action.NOOP:
            pass
    yield from (f"{'':{INDENT}}{line}" for line in impact.on_devices(context.impact, change.id))
    if blocker := context.blockers.get(change.id):
        subject = words.plain(str(blocker.id))
        yield f"{'':{INDENT}}blocked by {subject}: {blocker.reason.value}"


def _sentence(entry: Entry) -> str:
    reason = entry.change.reason
    match entry.change.action:
        case Action.CREATE if entry.replaces:
            return f"must be replaced ({_why_replaced(entry.old)})"
        case Action.CREATE:
            return f"will be created{_why_created(entry)}"
        case Action.UPDATE if reason is Reason.ADOPTED:
            return f"will be adopted ({reason.value})"
        case Action.UPDATE:
            return "will be updated in place"
        case Action.DELETE if reason is Reason.SUPERSEDED:
            return "will be deleted (finishes an interrupted replacement)"
        case Action.DELETE | Action.NOOP:
            return f"will be deleted ({reason.value})"


def _why_created(entry: Entry) -> str:
    if entry.change.reason is not Reason.MISSING:
        return f" ({entry.change.reason.value})"
    return " (new content; what was built before is kept)" if entry.joins else ""


def _why_replaced(old: Iterable[Change]) -> str:
    if any(change.id.generation.startswith(TAMPERED) for change in old):
        return "its live content is not what was written"
    return "its content is immutable"


def _names(entry: Entry) -> str:
    change = entry.change
    if not entry.replaces:
        return words.plain(change.before.address) if change.before else ""
    old = [c.before.address for c in entry.old if c.before]
    base = f"{change.id.name}-{short(change.id.generation)}"
    # The same content again gets a suffix where something else stands under its id.
    candidates = (base, *(f"{base}-r{number}" for number in range(2, len(old) + 2)))
    new = next(candidate for candidate in candidates if candidate not in old)
    return words.plain(f"{', '.join(old)} -> {new}")


def _creation(change: Change) -> Iterator[str]:
    if change.after is None:
        return
    spec = replaced(change.after.spec, dict.fromkeys(change.hidden, MASK))
    built = {path[:end] for path in change.unknown for end in range(1, len(path) + 1)}
    yield from _fields(
        (f"+ {words.dotted(path)}:", words.shown(value) + (f" {UNKNOWN}" if path in built else ""))
        for path, value in words.leaves(spec)
    )


def _update(change: Change) -> Iterator[str]:
    yield from _fields(_field(field) for field in change.fields)
    if change.before:
        before = {path for path, _ in words.leaves(change.before.spec)}
        yield from _hidden(len(before - {field.path for field in change.fields}))


def _replacement(entry: Entry, context: Context) -> Iterator[str]:
    old = entry.old[0].before
    if old is None:
        return
    changes = content_changes(old.content, entry.change.content)
    for change in changes:
        yield f"{'':{INDENT}}{words.dotted(change.path)}"
        yield f"{'':{INDENT}}  {' '.join(_compared(change))}"
    rotated = [f"! {words.plain(name)}: {UNSHOWN}" for name in _rotated(old, entry, context)]
    yield from (f"{'':{INDENT}}{line}" for line in rotated)
    if rotated:
        yield f"{'':{INDENT}}{ROTATED}"
    if not changes and not rotated:
        yield f"{'':{INDENT}}(what differs is not part of the document that is written)"
    came = sum(change.after is not None for change in changes)
    yield from _hidden(leaves(entry.change.content) - came)
    yield from _meanwhile(entry.change)


def _meanwhile(change: Change) -> Iterator[str]:
    """What it is written with at first, to win over what still stands beside it."""
    if change.settled and change.after:
        wanted = dict(words.leaves(change.settled.spec))
        for path, value in words.leaves(change.after.spec):
            if wanted.get(path) != value:
                name, told = words.dotted(path), words.shown(value)
                yield f"{'':{INDENT}}({name} {told} until the older one is gone)"


def _rotated(old: Observed, entry: Entry, context: Context) -> Iterator[str]:
    """What it refers to whose secret is another one than the one in the live object."""
    for ref in sorted(set(entry.change.refs.values())):
        held, want = old.secrets.get(ref.name), context.desired.get(ref)
        if held and want and want.spec.get(COUNTER) not in {None, held.counter}:
            yield str(ref)


def _field(field: FieldChange) -> tuple[str, str]:
    name = words.dotted(field.path)
    if field.rule is FieldRule.HIDDEN:
        return f"! {name}:", UNSHOWN
    mark, text = _compared(field)
    return f"{mark} {name}:", text


def _compared(field: FieldChange) -> tuple[str, str]:
    if field.before is None:
        return "+", words.shown(field.after)
    if field.after is None:
        return "-", words.shown(field.before)
    return "~", words.sides(field.before, field.after)


def _fields(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Names and values below each other, but for names that are very long."""
    found = list(rows)
    width = max((len(name) for name, _ in found if len(name) <= NAME), default=0)
    yield from (f"{'':{INDENT}}{name:{width}} {value}" for name, value in found)


def _hidden(count: int) -> Iterator[str]:
    if count > 0:
        yield f"{'':{INDENT}}({words.counted(count, 'unchanged field')} hidden)"
