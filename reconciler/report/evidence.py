"""What a change was planned from: whoever applies the plan later asks whether it still stands."""

from __future__ import annotations

from reconciler.diff import Change
from reconciler.model import MASK, Observed, Spec, Value, digest, replaced

UNWEIGHED = ("etag", "commit")
"""What may move while the object stays as it is: a counter of writes, and who wrote last."""


def precondition(change: Change) -> dict[str, Value]:
    """Nothing is there, or an object with this content; its ETag and last commit to look at."""
    have = change.before
    if have is None:
        return {"absent": True}
    return {
        "address": have.address,
        "etag": have.version,
        "sha256": digest(_observed(have, change)).rpartition(":")[2],
        "commit": have.marker.commit if have.marker else "",
    }


def weighed(precondition: Spec) -> Spec:
    """What must still hold: counts and times of the cloud are no part of it."""
    return {key: value for key, value in precondition.items() if key not in UNWEIGHED}


def _observed(have: Observed, change: Change) -> Spec:
    """All that a plan is made from, secrets masked: no digest of a secret is written anywhere."""
    mark = have.marker
    return {
        "generation": have.id.generation,
        "owned": have.owned,
        "mark": (mark.owner, mark.environment, mark.name, mark.digest) if mark else None,
        "state": have.state.value,
        "spec": replaced(have.spec, dict.fromkeys(change.hidden, MASK)),
        "content": replaced(have.content, dict.fromkeys(change.hidden, MASK)),
        "rotations": {name: held.counter for name, held in have.secrets.items()},
    }
