"""A person's word for one plan: `RULE@DIGEST` lets exactly that plan pass exactly that guard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reconciler.model import Diagnostic, Severity
from reconciler.plan.plan import Plan

GUARD = "guard."
RULES = ("conditions", "deletes", "devices", "empty", "replaces", "rollback")
"""What may be overridden; what does not fit or clashes cannot be talked away."""


def allowing(plan: Plan, words: Iterable[str], digest: str) -> Plan:
    """The plan with the guards that were overruled for it turned into warnings.

    A word that was given for another plan is an error: what it was meant for has changed.
    """
    given = dict(word.partition("@")[::2] for word in words)
    wrong = [
        Diagnostic(
            Severity.ERROR,
            "allow.stale",
            f"--allow {rule} was given for the plan {given[rule] or 'of no digest'}, not this one",
            f"look at this plan; if it is right, pass --allow {rule}@{digest}",
        )
        for rule in sorted(given)
        if given[rule] != digest
    ]
    rules = {f"{GUARD}{rule}" for rule in given if given[rule] == digest and rule in RULES}
    said = tuple(_allowed(d) if d.code in rules else d for d in plan.diagnostics)
    return replace(plan, diagnostics=(*said, *wrong))


def _allowed(diagnostic: Diagnostic) -> Diagnostic:
    return replace(
        diagnostic, severity=Severity.WARNING, summary=f"{diagnostic.summary} (allowed)", hint=""
    )
