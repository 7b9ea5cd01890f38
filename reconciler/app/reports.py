"""Plans and outcomes as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.app.planning import plan_digest
from reconciler.model import (
    Value,
)
from reconciler.plan import Outcome, Plan
from reconciler.registry import Cloud
from reconciler.report import json as data
from reconciler.report import text
from reconciler.report.outcomes import results


def plan_text(plan: Plan) -> str:
    return text.render(plan, plan_digest(plan))


def plan_json(plan: Plan, timestamp: str) -> str:
    return data.render({**data.document(plan), "timestamp": timestamp})


def run_json(facts: Mapping[str, Value], outcomes: Sequence[Outcome], cloud: Cloud) -> str:
    """The report of a run: who, what commit, and what became of each change."""
    counts = {service: dict(sorts) for service, sorts in cloud.requests().items()}
    sent: dict[str, Value] = {"requests": counts, "request_ids": cloud.request_ids()}
    return data.render({**facts, **sent, **results(outcomes)})


def outcome_text(outcome: Outcome) -> str:
    return text.results((outcome,))
