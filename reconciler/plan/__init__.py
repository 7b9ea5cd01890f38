"""From changes to a plan: order, guards, what will be written. Pure."""

from reconciler.plan.build import Wish, build
from reconciler.plan.outcome import Outcome, Result
from reconciler.plan.plan import Limit, Plan, Policy
from reconciler.plan.preview import UNKNOWN, document

__all__ = ["UNKNOWN", "Limit", "Outcome", "Plan", "Policy", "Result", "Wish", "build", "document"]
