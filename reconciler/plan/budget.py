"""How many writing calls a plan takes, by the sort of call that a service counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from reconciler.diff import Change
from reconciler.model import Value, sequence
from reconciler.plan.plan import Plan

OPERATIONS = {
    "Device": "device_writes",
    "Deployment": "configuration_writes",
    "DeviceGroup": "twin_writes",
    "Image": "image_writes",
    "Model": "model_writes",
}
"""Where a kind's calls are counted; what is not named here counts among the others."""
OTHERS = "writes"


def budget(plan: Plan) -> Mapping[str, int]:
    """`{"configuration_writes": 3, "twin_writes": 12}`: without what is sent again."""
    calls: Counter[str] = Counter()
    for change in plan.changes:
        calls[operation(change)] += _calls(change)
    return {operation: calls[operation] for operation in sorted(calls)}


def operation(change: Change) -> str:
    """The sort of call that a change takes."""
    return OPERATIONS.get(change.id.kind, OTHERS)


def _calls(change: Change) -> int:
    """One for each device that a change is about; else one, and one more to settle it."""
    before = change.before.spec.get("devices") if change.before else None
    after = change.after.spec.get("devices") if change.after else None
    if before is None and after is None:
        return 2 if change.settled else 1
    old, new = _wishes(before), _wishes(after)
    return sum(old.get(device) != new.get(device) for device in {*old, *new})


def _wishes(devices: Value) -> Mapping[str, Value]:
    """What is asked of each: of the members of a group, to be one."""
    if isinstance(devices, Mapping):
        return devices
    return {str(device): True for device in sequence(devices)}
