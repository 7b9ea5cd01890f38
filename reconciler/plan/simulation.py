"""One device: what it runs, what it will run, and who put each part there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.edge.effects import Effects, effects
from reconciler.edge.evaluation import matches
from reconciler.edge.layering import Effective, RemovedLayer, effective, followed
from reconciler.edge.provenance import Part, parts
from reconciler.edge.twin import Twin
from reconciler.plan.deployed import Course, Deployed, moved


@dataclass(frozen=True, slots=True)
class Simulation:
    device: str
    edge: bool
    before: Effective
    after: Effective
    effects: Effects
    deployed: Mapping[str, Deployed]
    """By the id that the manifests call each deployment."""

    def parts(self) -> Iterator[tuple[Part, Deployed | None]]:
        """Each part of what it will run, and the deployment that gives it."""
        for part in parts(self.after):
            yield part, self.deployed.get(part.by)


def simulate(
    way: Course, twin: Twin, reading: RemovedLayer = RemovedLayer.MODULES_GO
) -> Simulation:
    """What the hub has made of a device, and what it will make of it."""
    before = _manifest(way.before, twin)
    after = followed(before, _manifest(way.after, moved(twin, way.moves)), reading)
    known = {each.layered.id: each for each in (*way.before, *way.after)}
    return Simulation(twin.device, twin.edge, before, after, effects(before, after), known)


def _manifest(deployed: Sequence[Deployed], twin: Twin) -> Effective:
    return effective(d.layered for d in deployed if d.condition and matches(d.condition, twin))
