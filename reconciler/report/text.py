"""The plan as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.diff import Action, Change, FieldChange, Reason
from reconciler.diff.content import content_changes, leaves
from reconciler.model import FieldRule, Observed, Severity, short
from reconciler.plan import Outcome, Plan, Result
from reconciler.plan.entries import Entry, entries
from reconciler.plan.graph import blocked
from reconciler.report import words

NOTHING = "No changes. Your infrastructure matches the configuration."
LEGEND = {
    "+": "create",
    "~": "update in place",
    "-": "delete",
    "+/-": "replace (create first)",
}
SIGN = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.NOOP: "="}


def render(plan: Plan, digest: str) -> str:
    """The whole plan; ends with Terraform's summary line, or its sentence for nothing to do."""
    found = tuple(entries(plan))
    lines = [_header(plan), ""]
    if found:
        lines += [_legend(found), ""]
    causes = blocked(plan.changes, (change.id for change in plan.stuck))
    wave = 0
    for entry in found:
        if entry.wave != wave:
            wave = entry.wave
            lines.append(f"wave {wave}")
        lines += _entry(entry)
        if cause := causes.get(entry.change.id):
            lines.append(f"      ! blocked: {cause} is not there")
        lines.append("")
    lines += _kept(plan)
    lines += _diagnostics(plan)
    lines += _summary(plan, digest)
    return "\n".join([*lines, ""])


def results(outcomes: Iterable[Outcome]) -> str:
    """What happened to each change, one line each, and why where it went wrong."""
    lines = []
    for outcome in outcomes:
        sign, subject = SIGN[outcome.change.action], outcome.change.id
        now = outcome.now.address if outcome.now else ""
        where = f"   {words.plain(now)}" if now else ""
        lines.append(f"  {sign:3} {subject}   {outcome.result.value}{where}")
        if outcome.result is not Result.APPLIED:
            lines += [f"        {words.plain(line)}" for line in outcome.detail.splitlines()]
            if outcome.remedy:
                lines.append(f"        hint: {words.plain(outcome.remedy)}")
    return "\n".join(lines)


def _header(plan: Plan) -> str:
    read = f"read {plan.objects} live objects in {plan.requests} requests"
    return f"reconciler plan  ·  {plan.scope.environment}  ·  commit {plan.commit}  ·  {read}"


def _legend(found: Iterable[Entry]) -> str:
    used = {_sign(entry) for entry in found}
    return "Symbols:  " + "   ".join(
        f"{sign} {meaning}" for sign, meaning in LEGEND.items() if sign in used
    )


def _sign(entry: Entry) -> str:
    return "+/-" if entry.replaces else SIGN[entry.change.action]


def _entry(entry: Entry) -> Iterator[str]:
    change = entry.change
    origin = f"   {words.plain(str(change.after.origin))}" if change.after else ""
    yield f"  # {change.id} {_sentence(entry)}{origin}"
    yield f"{_sign(entry):>3} {change.id}{_names(entry)}{_reach(change)}"
    if entry.replaces:
        yield from _replacement(entry)
    elif change.action is Action.CREATE and change.after:
        for path, value in words.leaves(change.after.spec):
            yield f"      + {words.dotted(path)}: {words.shown(value)}"
    elif change.action is Action.UPDATE:
        yield from (f"      {line}" for line in map(_field, change.fields))
        yield from _hidden(_known_fields(change) - len(change.fields))


def _sentence(entry: Entry) -> str:
    reason = entry.change.reason
    match entry.change.action:
        case Action.CREATE if entry.replaces:
            return "must be replaced (its content is immutable)"
        case Action.CREATE if reason is not Reason.MISSING:
            return f"will be created ({reason.value})"
        case Action.CREATE:
            return "will be created"
        case Action.UPDATE:
            return "will be updated in place"
        case Action.DELETE if reason is Reason.SUPERSEDED:
            return "will be deleted (finishes an interrupted replacement)"
        case Action.DELETE | Action.NOOP:
            return f"will be deleted ({reason.value})"


def _names(entry: Entry) -> str:
    if not entry.replaces:
        have = entry.change.before
        return f"   {words.plain(have.address)}" if have and have.address else ""
    old = ", ".join(c.before.address for c in entry.old if c.before)
    return f"   {words.plain(old)} -> {_name(entry.change)}"


def _name(change: Change) -> str:
    return f"{change.id.name}-{short(change.id.generation)}"


def _reach(change: Change) -> str:
    spec = change.after.spec if change.after else {}
    priority = f"   priority {spec['priority']}" if "priority" in spec else ""
    condition = spec.get("targetCondition")
    return priority + (f"   {words.plain(condition)}" if isinstance(condition, str) else "")


def _replacement(entry: Entry) -> Iterator[str]:
    before: Observed | None = entry.old[0].before
    if before is None:
        return
    changes = content_changes(before.content, entry.change.content)
    for change in changes:
        yield f"      {words.dotted(change.path)}"
        yield f"        {_sides(change)}"
    yield from _hidden(leaves(entry.change.content) - len(changes))


def _hidden(count: int) -> Iterator[str]:
    if count > 0:
        yield f"      ({count} unchanged field{'s' if count > 1 else ''} hidden)"


def _known_fields(change: Change) -> int:
    return sum(1 for _ in words.leaves(change.before.spec)) if change.before else 0


def _field(field: FieldChange) -> str:
    if field.rule is FieldRule.HIDDEN:
        return f"! {words.dotted(field.path)}: (sensitive value, changed)"
    return f"{_sides(field, words.dotted(field.path) + ': ')}"


def _sides(field: FieldChange, name: str = "") -> str:
    if field.before is None:
        return f"+ {name}{words.shown(field.after)}"
    if field.after is None:
        return f"- {name}{words.shown(field.before)}"
    return f"~ {name}{words.shown(field.before)} -> {words.shown(field.after)}"


def _kept(plan: Plan) -> Iterator[str]:
    extras = [c for c in plan.unchanged if c.reason in {Reason.EXTRA, Reason.HELD}]
    if extras:
        yield "Not deleted:"
        for change in extras:
            address = change.before.address if change.before else ""
            yield f"  = {change.id}   {words.plain(address)}   ({change.reason.value})"
        yield ""


def _diagnostics(plan: Plan) -> Iterator[str]:
    order = sorted(plan.diagnostics, key=lambda d: (d.severity is not Severity.ERROR, str(d)))
    for diagnostic in order:
        yield from (words.plain(line) for line in str(diagnostic).splitlines())
    if order:
        yield ""


def _summary(plan: Plan, digest: str) -> Iterator[str]:
    add, alter, destroy = (plan.count(a) for a in (Action.CREATE, Action.UPDATE, Action.DELETE))
    if not plan.changes:
        yield NOTHING if plan.applicable and not plan.stuck else "Nothing can be done now."
        return
    yield f"Plan: {add} to add, {alter} to change, {destroy} to destroy."
    touched = sum(change.before is not None for change in plan.changes)
    share = 100 * touched / plan.objects if plan.objects else 0
    guards = "within limits" if plan.applicable else "refused, see above"
    yield f"Objects: {touched} of {plan.objects} ({share:.1f} %).  Guards: {guards}."
    yield f"Plan digest: {digest}"
