"""How an environment stands, three ways: for a terminal, for programs and for a comment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.model import MASK, Value
from reconciler.plan import Plan
from reconciler.plan.drift import Divergence, Finding, Sync, counts
from reconciler.report import json as data
from reconciler.report import words
from reconciler.report.markup import code, fence, marker, prose, row

SHOWN = 12
"""Fields of one resource that are listed; the rest is counted."""
ORDER = (Sync.DRIFTED, Sync.BOTH, Sync.UNKNOWN, Sync.PENDING, Sync.EXTRA, Sync.IGNORED)
MEANING = {
    Sync.DRIFTED: "changed outside git",
    Sync.BOTH: "changed outside git, and in git too",
    Sync.UNKNOWN: "differs, and which side moved is not known",
    Sync.PENDING: "changed in git, not applied yet",
    Sync.EXTRA: "no longer in git, still there",
    Sync.IGNORED: "left alone until a date that was agreed on",
}


def text(plan: Plan, applied: str, found: Sequence[Finding]) -> str:
    """Only what is not in sync, the worst first, each with the ways out."""
    lines = [_header(plan, applied), ""]
    for sync in ORDER:
        some = [finding for finding in found if finding.sync is sync]
        if some:
            lines += [f"{sync.value}: {MEANING[sync]}", ""]
        for finding in some:
            lines += [*_finding(finding, plan.scope.environment), ""]
    lines.append(_summary(found))
    return "\n".join(lines) + "\n"


def json(plan: Plan, applied: str, found: Sequence[Finding], timestamp: str) -> str:
    """All resources, those in sync too; sorted."""
    return data.render(
        {
            "format_version": "1.0",
            "environment": plan.scope.environment,
            "owner": plan.scope.owner,
            "commit": plan.commit.sha,
            "dirty": plan.commit.dirty,
            "applied_commit": applied or None,
            "drifted": any(finding.sync.is_drift for finding in found),
            "counts": {sync.name.lower(): count for sync, count in counts(found).items()},
            "resources": tuple(_document(finding) for finding in found),
            "timestamp": timestamp,
        }
    )


def markdown(plan: Plan, applied: str, found: Sequence[Finding]) -> str:
    """The same for a comment or an issue; text from anywhere stays text."""
    last = f"last applied {code(applied[:12])}" if applied else "nothing applied yet"
    lines = [
        marker("drift", plan.scope.environment),
        f"### Drift of {code(plan.scope.environment)}",
        "",
        f"**{_summary(found)}**",
        "",
        f"Commit {code(plan.commit.sha[:12])}, {last}." if plan.commit.sha else last,
        "",
    ]
    listed = [finding for sync in ORDER for finding in found if finding.sync is sync]
    if listed:
        lines += [row(("State", "Resource", "In the cloud", "Written at")), row(["---"] * 4)]
        lines += [_row(finding) for finding in listed]
    for finding in listed:
        lines += ["", *_differences(finding)] if finding.fields else []
    return "\n".join(lines) + "\n"


def _row(finding: Finding) -> str:
    origin = str(finding.origin) if finding.origin else ""
    name = code(str(finding.id))
    return row((finding.sync.value, name, code(finding.address), code(origin)))


def _differences(finding: Finding) -> Iterator[str]:
    yield f"{code(str(finding.id))} {prose(finding.note)}".rstrip()
    yield ""
    lines = []
    for field in finding.fields[:SHOWN]:
        name = words.dotted(field.path)
        lines += [f"- {name}: {words.shown(field.wanted)}", f"+ {name}: {words.shown(field.live)}"]
    if len(finding.fields) > SHOWN:
        lines.append(f"  and {words.counted(len(finding.fields) - SHOWN, 'more field')}")
    yield from fence(lines, "diff")


def _document(finding: Finding) -> Value:
    origin = finding.origin
    return {
        "address": str(finding.id),
        "sync": finding.sync.name.lower(),
        "object": finding.address or None,
        "note": finding.note or None,
        "applied_commit": finding.applied or None,
        "origin": {"file": origin.path, "line": origin.line} if origin else None,
        "fields": tuple(_three_ways(field) for field in finding.fields),
    }


def _three_ways(field: Divergence) -> Value:
    last: Value = field.last[0] if field.last else None
    return {
        "path": field.path,
        "live": field.live,
        "git": field.wanted,
        "applied": last,
        "applied_known": bool(field.last),
    }


def _header(plan: Plan, applied: str) -> str:
    commit = f"commit {plan.commit}" if plan.commit.sha else str(plan.commit)
    last = f"last applied {applied[:7]}" if applied else "nothing applied yet"
    parts = ("reconciler drift", words.plain(plan.scope.environment), commit, last)
    return "  ·  ".join(part for part in parts if part)


def _finding(finding: Finding, environment: str) -> Iterator[str]:
    name = words.plain(str(finding.id))
    where = words.plain(str(finding.origin)) if finding.origin else ""
    cells = (name, words.plain(finding.address), where)
    yield f"  {words.GAP.join(cell for cell in cells if cell)}"
    if finding.note:
        yield f"      {words.plain(finding.note)}"
    for field in finding.fields[:SHOWN]:
        yield f"      {words.dotted(field.path)}"
        yield from (f"        {told}" for told in _sides(field))
    if len(finding.fields) > SHOWN:
        yield f"      and {words.counted(len(finding.fields) - SHOWN, 'more field')}"
    if finding.sync.is_drift:
        yield from (f"      {way:<8} {command}" for way, command in ways(finding, environment))


def _sides(field: Divergence) -> Iterator[str]:
    last = field.last[0] if field.last else field.wanted
    yield f"live     {words.shown(field.live)}"
    yield f"git      {words.shown(field.wanted)}"
    if last != field.wanted:
        yield f"applied  {words.shown(last)}"


def ways(finding: Finding, environment: str) -> Iterator[tuple[str, str]]:
    """What can be done about it, as commands."""
    name = words.plain(str(finding.id))
    env = f"--env {words.plain(environment)}"
    labels = f" --adopt {name}" if finding.stripped else ""
    yield "revert:", f"reconciler apply --only {name}{labels} {env}"
    if finding.fields and not any(field.live == MASK for field in finding.fields):
        yield "adopt:", f"reconciler drift adopt {name} {env}"
        told = f'{name} --until YYYY-MM-DD --reason "..." {env}'
        yield "ignore:", f"reconciler drift ignore {told}"


def _summary(found: Sequence[Finding]) -> str:
    told = counts(found)
    if not any(told[sync] for sync in ORDER):
        return f"No drift. {words.counted(told[Sync.SYNCED], 'resource')} in sync."
    some = (f"{told[sync]} {sync.value}" for sync in Sync if told[sync] or sync in ALWAYS)
    return f"Drift: {', '.join(some)}."


ALWAYS = frozenset({Sync.SYNCED, Sync.PENDING, Sync.DRIFTED})
