"""The plan as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.diff import Change
from reconciler.model import Diagnostic, errors
from reconciler.plan import Outcome, Plan, Result
from reconciler.plan.entries import entries
from reconciler.report import impact, summary, view, words
from reconciler.report.entry import body, head, title

LEGEND = {
    "+": "create",
    "~": "update in place",
    "-": "delete",
    "=": "adopt in place",
    "+/-": "replace (create first)",
    "!": "changed, and not shown (a secret)",
}


def render(plan: Plan, digest: str) -> str:
    """The whole plan; ends with Terraform's summary line, or its sentence for nothing to do."""
    context = view.context(plan)
    changes = list(_changes(plan, context))
    lines = [
        _header(plan),
        "",
        *_legend(changes),
        *changes,
        *_kept(plan),
        *impact.section(plan.impact),
        *_diagnostics(plan),
        *_summary(plan, digest, waiting=len(context.blockers)),
    ]
    return "\n".join([*lines, ""])


def results(outcomes: Iterable[Outcome]) -> str:
    """What happened to each change, one line each, and why where it went wrong."""
    lines = []
    for outcome in outcomes:
        sign, subject = view.signed(outcome.change), words.plain(str(outcome.change.id))
        there = outcome.now or outcome.change.before
        where = f"{words.GAP}{words.plain(there.address)}" if there and there.address else ""
        lines.append(f"{sign:>3} {outcome.result.value:7} {subject}{where}")
        if outcome.result is not Result.APPLIED:
            lines += [f"      {words.plain(line)}" for line in outcome.detail.splitlines()]
            if outcome.remedy:
                lines.append(f"      hint: {words.plain(outcome.remedy)}")
    return "\n".join(lines)


def problem(diagnostic: Diagnostic) -> str:
    """Where, what and what to do; whatever it quotes cannot pass for a line of ours."""
    first, *rest = str(diagnostic).splitlines()
    inner = (line if line.startswith("  ") else f"  {line}" for line in rest)
    return "\n".join(map(words.plain, (first, *inner)))


def _header(plan: Plan) -> str:
    environment = words.plain(plan.scope.environment)
    parts = ("reconciler plan", environment, summary.source(plan), summary.reading(plan))
    return "  ·  ".join(part for part in parts if part)


def _legend(lines: Iterable[str]) -> Iterator[str]:
    """The meaning of the signs that these lines begin with."""
    used = {line.split(maxsplit=1)[0] for line in lines if line}
    signs = [f"{sign} {meaning}" for sign, meaning in LEGEND.items() if sign in used]
    if signs:
        yield f"Symbols:  {words.GAP.join(signs)}"
        yield ""


def _changes(plan: Plan, context: view.Context) -> Iterator[str]:
    found = tuple(entries(plan))
    titles = words.columns(title(entry) for entry in found)
    heads = words.columns(head(entry, context) for entry in found)
    wave = 0
    for entry, above, line in zip(found, titles, heads, strict=True):
        if entry.wave != wave:
            wave = entry.wave
            yield f"wave {wave}"
        yield above
        yield line
        yield from body(entry, context)
        yield ""


def _kept(plan: Plan) -> Iterator[str]:
    if extras := summary.extras(plan):
        yield "Not deleted:"
        yield from words.columns(_extra(change) for change in extras)
        yield ""


def _extra(change: Change) -> Sequence[str]:
    address = change.before.address if change.before else ""
    return f"  {words.plain(str(change.id))}", words.plain(address), change.reason.value


def _diagnostics(plan: Plan) -> Iterator[str]:
    if found := summary.problems(plan):
        yield from (problem(diagnostic) for diagnostic in found)
        yield ""


def _summary(plan: Plan, digest: str, waiting: int) -> Iterator[str]:
    yield summary.lead(plan)
    if plan.changes:
        yield summary.objects(plan)
        if waiting:
            yield f"Blocked: {waiting} of these changes wait for what is not there, see above."
        yield f"Plan digest: {digest}"
    if plan.left_out:
        yield f"Left out of this part: {words.counted(plan.left_out, 'change')}."
    if not plan.applicable:
        count = words.counted(len(errors(plan.diagnostics)), "error")
        yield f"This plan cannot be applied: {count}, see above."
