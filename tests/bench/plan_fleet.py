"""One measurement: read a fleet and plan it against a cloud that already holds all of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from reconciler import app
from reconciler.app import Fleet
from reconciler.model import FieldRule, Kind, Observed, Resource, Spec, link
from reconciler.plan import Plan
from reconciler.providers.memory import MemoryCloud
from reconciler.registry import KINDS
from tests.bench.watch import Watch


def plan(folder: Path, watch: Watch) -> Plan:
    """The plan; only reading, comparing and planning are watched."""
    with watch:
        fleet = app.read_fleet(folder, folder, None)
    cloud = MemoryCloud.of(KINDS, fleet.scope)
    for item in held(fleet):
        cloud.hold(item)
    with watch:
        return app.make_plan(fleet, cloud.provider, retry_failed=False)


def held(fleet: Fleet) -> Iterator[Observed]:
    """What a cloud reports after the fleet was applied."""
    desired = link(fleet.commit, fleet.drafts, KINDS, fleet.scope)
    for want in desired.resources.values():
        kind = KINDS[want.id.kind]
        if kind.managed(want.spec):
            spec = _updatable(want, kind)
            yield Observed(want.id, spec, "1", owned=True, address=want.id.name, refs=want.refs)


def _updatable(want: Resource, kind: Kind) -> Spec:
    return {k: v for k, v in want.spec.items() if kind.rule((k,)) is FieldRule.UPDATE}


def main() -> None:
    watch = Watch()
    made = plan(Path(sys.argv[1]), watch)
    if made.changes or not made.applicable or not made.unchanged:
        raise SystemExit(f"not an empty plan: {made.changes[:1]} {made.diagnostics[:1]}")
    watch.tell()


if __name__ == "__main__":
    main()
