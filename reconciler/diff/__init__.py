"""Compare desired with actual. Pure: same input, same changes, in the same order."""

from reconciler.diff.change import Action, Change, FieldChange, Reason
from reconciler.diff.compare import Intent, diff, differences

__all__ = ["Action", "Change", "FieldChange", "Intent", "Reason", "diff", "differences"]
