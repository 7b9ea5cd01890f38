"""Which builds fail, and how long they take: by what is in them, or by order of a test."""

from __future__ import annotations

import re

from reconciler.emulator.context import Context

FAILING_DEPENDENCY = "does-not-exist"


def add(context: Context, rule: dict[str, object]) -> None:
    """`{"match": regex on the subject, "trouble": text, "seconds": n, "times": n}`; `times` of 0
    holds until the rules are cleared, and without `trouble` the build only takes its time.
    """
    match = str(rule.get("match", ""))
    re.compile(match)
    with context.store.transaction() as db:
        db.execute(
            "INSERT INTO build_rule (match, trouble, seconds, times) VALUES (?, ?, ?, ?)",
            (match, rule.get("trouble", ""), rule.get("seconds"), rule.get("times", 1)),
        )


def clear(context: Context) -> None:
    with context.store.transaction() as db:
        db.execute("DELETE FROM build_rule")


def applied(context: Context, subject: str, recipe: str) -> tuple[float, str]:
    """Seconds, and the trouble (empty when the build will succeed); uses up one turn of a rule."""
    seconds, trouble = context.settings.build_seconds, ""
    if FAILING_DEPENDENCY in recipe:
        trouble = f"ResolvePackageNotFound: {FAILING_DEPENDENCY}"
    with context.store.transaction() as db:
        for rule in db.execute("SELECT * FROM build_rule ORDER BY sequence").fetchall():
            if not re.search(rule["match"], subject):
                continue
            if rule["times"] == 1:
                db.execute("DELETE FROM build_rule WHERE sequence = ?", (rule["sequence"],))
            elif rule["times"]:
                db.execute(
                    "UPDATE build_rule SET times = times - 1 WHERE sequence = ?",
                    (rule["sequence"],),
                )
            asked = rule["seconds"]
            return (seconds if asked is None else asked), rule["trouble"] or trouble
    return seconds, trouble
