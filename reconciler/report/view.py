"""What one entry of a plan says, before a terminal, a comment or a page lays it out.

Every text here has passed `words.plain`: it stands on one line and holds no control character.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.diff import Action, Change, FieldChange, Reason
from reconciler.diff.content import content_changes, leaves
from reconciler.model import MASK, FieldRule, Observed, Resource, ResourceId, Spec, replaced, short
from reconciler.plan import UNKNOWN, Plan
from reconciler.plan.entries import Entry
from reconciler.plan.graph import blocked
from reconciler.plan.impact import Impact
from reconciler.plan.secrets import COUNTER
from reconciler.report import impact, words

SIGN = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.NOOP: "="}
MOST, SHOWN = 200, 20
"""From so many fields on, only the first ones are shown."""
UNSHOWN = "(sensitive value, changed)"
ROTATED = "(the secret was rotated outside git: no module restarts for it)"


@dataclass(frozen=True, slots=True)
class Context:
    """What the lines of one entry need to know of the rest of the plan."""

    desired: Mapping[ResourceId, Resource]
    blockers: Mapping[ResourceId, Change]
    """By the change that cannot be done: what it waits for in vain."""
    impact: Impact | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One field: what it is and what it becomes; an empty side is not there."""

    sign: str
    name: str
    before: str = ""
    after: str = ""
    rest: str = ""
    """How much of a list stays as it is."""

    @property
    def secret(self) -> bool:
        return self.sign == "!"


def context(plan: Plan) -> Context:
    stuck = {change.id: change for change in plan.stuck}
    causes = blocked(plan.changes, stuck)
    return Context(
        plan.desired, {waits: stuck[cause] for waits, cause in causes.items()}, plan.impact
    )


def sign(entry: Entry) -> str:
    return "+/-" if entry.replaces else signed(entry.change)


def signed(change: Change) -> str:
    return "=" if change.reason is Reason.ADOPTED else SIGN[change.action]


def subject(entry: Entry) -> str:
    return words.plain(str(entry.change.id))


def origin(entry: Entry) -> str:
    """Where it was asked for."""
    wanted = entry.change.after
    return words.plain(str(wanted.origin)) if wanted and wanted.origin else ""


def sentence(entry: Entry) -> str:
    """What will happen, after the subject."""
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


def names(entry: Entry) -> str:
    """What it is called in the cloud, and what it will be called."""
    return " -> ".join(filter(None, (", ".join(old_names(entry)), new_name(entry))))


def old_names(entry: Entry) -> tuple[str, ...]:
    """What it is called in the cloud."""
    sides = entry.old or (entry.change,)
    return tuple(words.plain(c.before.address) for c in sides if c.before and c.before.address)


def new_name(entry: Entry) -> str:
    """What takes the place of something will be called; empty for everything else."""
    if not entry.replaces:
        return ""
    old = {c.before.address for c in entry.old if c.before}
    change = entry.change
    base = f"{change.id.name}-{short(change.id.generation)}"
    # The same content again gets a suffix where something else stands under its id.
    candidates = (base, *(f"{base}-r{number}" for number in range(2, len(old) + 2)))
    return words.plain(next(candidate for candidate in candidates if candidate not in old))


def priority(entry: Entry) -> str:
    spec = _wanted(entry)
    return words.shown(spec["priority"]) if "priority" in spec else ""


def condition(entry: Entry) -> str:
    found = _wanted(entry).get("targetCondition")
    return words.plain(found) if isinstance(found, str) else ""


def rows(entry: Entry, context: Context) -> tuple[Row, ...]:
    """The fields that differ, secrets last."""
    match entry.change.action:
        case Action.CREATE if entry.replaces:
            return tuple(_replacement(entry, context))
        case Action.CREATE:
            return _few(tuple(_creation(entry.change)))
        case Action.UPDATE:
            return _few(tuple(_field(field) for field in entry.change.fields))
        case Action.DELETE | Action.NOOP:
            return ()


def notes(entry: Entry, rows: tuple[Row, ...]) -> Iterator[str]:
    """What is not shown of the fields, and why."""
    change, old = entry.change, entry.old[0].before if entry.old else None
    if (count := _written(entry)) > MOST:
        yield f"({count - SHOWN:,} more fields; --format json has all)"
    if change.action is Action.UPDATE and change.before:
        before = {path for path, _ in words.leaves(change.before.spec)}
        yield from _hidden(len(before - {field.path for field in change.fields}))
    if old is None:
        return
    if any(row.secret for row in rows):
        yield ROTATED
    if not rows:
        yield "(what differs is not part of the document that is written)"
    came = sum(row.after != "" and not row.secret for row in rows)
    yield from _hidden(leaves(change.content) - came)
    yield from _meanwhile(change)


def outlook(entry: Entry, context: Context) -> Iterator[str]:
    """What becomes of devices, and what stands in the way."""
    yield from impact.on_devices(context.impact, entry.change.id)
    if blocker := context.blockers.get(entry.change.id):
        yield f"blocked by {words.plain(str(blocker.id))}: {blocker.reason.value}"


def _few(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The first of very many: nobody reads ten thousand devices."""
    return rows if len(rows) <= MOST else rows[:SHOWN]


def _written(entry: Entry) -> int:
    """How many fields a creation or an update has, shown or not."""
    change = entry.change
    if change.action is Action.CREATE and change.after and not entry.replaces:
        return sum(1 for _ in words.leaves(change.after.spec))
    return len(change.fields) if change.action is Action.UPDATE else 0


def _wanted(entry: Entry) -> Spec:
    wanted = entry.change.settled or entry.change.after
    return wanted.spec if wanted else {}


def _why_created(entry: Entry) -> str:
    if entry.change.reason is not Reason.MISSING:
        return f" ({entry.change.reason.value})"
    return " (new content; what was built before is kept)" if entry.joins else ""


def _why_replaced(old: Iterable[Change]) -> str:
    if any(change.id.tampered for change in old):
        return "its live content is not what was written"
    return "its content is immutable"


def _creation(change: Change) -> Iterator[Row]:
    if change.after is None:
        return
    spec = replaced(change.after.spec, dict.fromkeys(change.hidden, MASK))
    built = {path[:end] for path in change.unknown for end in range(1, len(path) + 1)}
    for path, value in words.leaves(spec):
        rest = UNKNOWN if path in built else ""
        yield Row("+", words.dotted(path), "", words.shown(value), rest)


def _replacement(entry: Entry, context: Context) -> Iterator[Row]:
    old = entry.old[0].before
    if old is None:
        return
    yield from (_field(field) for field in content_changes(old.content, entry.change.content))
    for name in _rotated(old, entry, context):
        yield Row("!", words.plain(name), "", UNSHOWN)


def _rotated(old: Observed, entry: Entry, context: Context) -> Iterator[str]:
    """What it refers to whose secret is another one than the one in the live object."""
    for ref in sorted(set(entry.change.refs.values())):
        held, want = old.secrets.get(ref.name), context.desired.get(ref)
        if held and want and want.spec.get(COUNTER) not in {None, held.counter}:
            yield str(ref)


def _meanwhile(change: Change) -> Iterator[str]:
    """What it is written with at first, to win over what still stands beside it."""
    if change.settled and change.after:
        wanted = dict(words.leaves(change.settled.spec))
        for path, value in words.leaves(change.after.spec):
            if wanted.get(path) != value:
                name, told = words.dotted(path), words.shown(value)
                yield f"({name} {told} until the older one is gone)"


def _field(field: FieldChange) -> Row:
    name = words.dotted(field.path)
    if field.rule is FieldRule.HIDDEN:
        return Row("!", name, "", UNSHOWN)
    if field.before is None:
        return Row("+", name, "", words.shown(field.after))
    if field.after is None:
        return Row("-", name, words.shown(field.before))
    return Row("~", name, *words.sides(field.before, field.after))


def _hidden(count: int) -> Iterator[str]:
    if count > 0:
        yield f"({words.counted(count, 'unchanged field')} hidden)"
