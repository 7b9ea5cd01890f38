"""A person's word lets one plan pass one guard."""

from __future__ import annotations

import pytest

from reconciler.model import Severity
from reconciler.plan import Limit, Plan, Policy, Wish, build
from reconciler.plan.allow import allowing
from reconciler.report import json
from tests.fleets import COMMIT, SCOPE, holding, plan_for, stack
from tests.small_kinds import KINDS

DIGEST = "sha256:77"


def refused() -> Plan:
    policy = Policy(prune=True, deletes=Limit(1, 100))
    return plan_for(holding(*stack("a"), *stack("b")), stack("a"), policy)


def codes(plan: Plan) -> list[tuple[str, Severity]]:
    return [(diagnostic.code, diagnostic.severity) for diagnostic in plan.diagnostics]


def test_a_word_for_this_plan_turns_its_guard_into_a_warning() -> None:
    plan = allowing(refused(), [f"deletes@{DIGEST}"], DIGEST)
    assert codes(plan) == [("guard.deletes", Severity.WARNING)]
    assert plan.diagnostics[0].summary.endswith("(allowed)")
    assert plan.applicable


def test_without_a_word_nothing_changes() -> None:
    assert allowing(refused(), [], DIGEST) == refused()


@pytest.mark.parametrize("word", ["deletes@sha256:88", "deletes@", "deletes"])
def test_a_word_for_another_plan_is_refused(word: str) -> None:
    plan = allowing(refused(), [word], DIGEST)
    assert codes(plan) == [
        ("guard.deletes", Severity.ERROR),
        ("allow.stale", Severity.ERROR),
    ]
    assert plan.diagnostics[1].hint.endswith(f"--allow deletes@{DIGEST}")


def test_a_word_for_one_guard_does_not_open_another() -> None:
    plan = allowing(refused(), [f"replaces@{DIGEST}"], DIGEST)
    assert codes(plan) == [("guard.deletes", Severity.ERROR)]


def test_what_does_not_fit_cannot_be_talked_away() -> None:
    policy = Policy(capacity={"Deployment": 1})
    fleet = (*stack("a"), *stack("b"))
    plan = allowing(plan_for(holding(), fleet, policy), [f"capacity@{DIGEST}"], DIGEST)
    assert codes(plan) == [("guard.capacity", Severity.ERROR)]


def test_an_allowed_plan_has_the_digest_that_the_word_was_given_for() -> None:
    plan = refused()
    digest = str(json.document(plan)["plan_digest"])
    allowed = allowing(plan, [f"deletes@{digest}"], digest)
    assert allowed.applicable
    assert json.document(allowed)["plan_digest"] == digest


def test_an_older_commit_than_what_is_applied_is_refused() -> None:
    newer = ("b" * 40, "a" * 40)
    cloud, fleet = holding(), stack("a")
    wish = Wish(COMMIT, SCOPE, fleet, newer=newer)
    plan = build(wish, cloud.provider.read(fleet), KINDS)
    [problem] = plan.diagnostics
    assert problem.code == "guard.rollback"
    assert problem.summary.startswith(
        "commit 3f2c9e1 is older than what is applied (aaaaaaa, bbbbbbb)"
    )
    assert allowing(plan, [f"rollback@{DIGEST}"], DIGEST).applicable


def test_an_older_commit_that_would_change_nothing_is_no_problem() -> None:
    fleet = stack("a")
    cloud = holding(*fleet)
    plan = build(Wish(COMMIT, SCOPE, fleet, newer=("a" * 40,)), cloud.provider.read(fleet), KINDS)
    assert (plan.changes, plan.diagnostics) == ((), ())
