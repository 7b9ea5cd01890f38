"""Every mistake in a deployment that can be known without a cloud.

Faults point into a complete spec (`defaults.completed`); what a variable will fill in later
(`${...}`) is not judged.
"""

from reconciler.edge.lint.group import condition_faults
from reconciler.edge.lint.whole import faults, name_faults

__all__ = ["condition_faults", "faults", "name_faults"]
