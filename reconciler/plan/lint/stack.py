"""What devices will have of deployments, as lints look at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from reconciler.edge.layering import Effective, Section, Write, effective
from reconciler.edge.render import AGENT, CREDENTIALS, HUB
from reconciler.edge.shape import at
from reconciler.model import Diagnostic, FieldPath, Severity
from reconciler.plan.deployed import Deployed, Fate

_SORTS: Mapping[tuple[str, ...], str] = {(AGENT, "modules"): "module", (HUB, "routes"): "route"}


@dataclass(frozen=True, slots=True)
class Stack:
    """What a number of devices will have of deployments."""

    devices: int
    deployed: tuple[Deployed, ...]
    manifest: Effective

    @property
    def idle(self) -> tuple[Deployed, ...]:
        """What matches these devices, and has no effect on them."""
        return tuple(d for d in self.deployed if d.layered.id in self.manifest.idle)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest, and all devices that will have it."""

    devices: int
    manifest: Effective


@dataclass(frozen=True, slots=True)
class Scene:
    stacks: tuple[Stack, ...]
    manifests: tuple[Manifest, ...]
    """Those of stacks, each once."""
    deployed: Mapping[str, Deployed]
    """By the id that manifests call each."""
    matched: Mapping[str, int]
    """By that id, how many devices each is for."""

    def ours(self, id_: str) -> bool:
        return self.deployed[id_].origin is not None


@dataclass(frozen=True, slots=True)
class Overlap:
    """A path that one deployment sets, and another one above it as well."""

    section: str
    path: FieldPath
    low: str
    high: str


def scene(after: Sequence[Deployed], fates: Iterable[Fate]) -> Scene:
    stacks = tuple(_stacks(after, fates))
    matched: defaultdict[str, int] = defaultdict(int)
    devices: defaultdict[tuple[str, ...], int] = defaultdict(int)
    manifests: dict[tuple[str, ...], Effective] = {}
    for stack in stacks:
        devices[stack.manifest.applied] += stack.devices
        manifests[stack.manifest.applied] = stack.manifest
        for each in stack.deployed:
            matched[each.layered.id] += stack.devices
    return Scene(
        stacks,
        tuple(Manifest(devices[key], found) for key, found in manifests.items() if key),
        {each.layered.id: each for each in after},
        matched,
    )


def _stacks(after: Sequence[Deployed], fates: Iterable[Fate]) -> Iterator[Stack]:
    counts: defaultdict[frozenset[int], int] = defaultdict(int)
    for fate in fates:
        counts[fate.after] += fate.devices
    for places in sorted(counts, key=sorted):
        found = tuple(after[at] for at in sorted(places))
        yield Stack(counts[places], found, effective(each.layered for each in found))


def overlaps(manifest: Effective) -> Iterator[Overlap]:
    """Where what a deployment wrote is replaced by one above it."""
    for name, section in manifest.sections.items():
        for low, high in combinations(section.writes, 2):
            if low.by != high.by and _replaces(high, low):
                yield Overlap(name, max(low.path, high.path, key=len), low.by, high.by)


def _replaces(high: Write, low: Write) -> bool:
    """Whether it stands where the lower one wrote, above that, or at a value inside of it."""
    inside = high.path[len(low.path) :]
    if high.path[: len(low.path)] == low.path and inside:
        return at(low.value, *inside) is not None
    return low.path[: len(high.path)] == high.path


def warning(about: Deployed, path: FieldPath, code: str, summary: str, hint: str) -> Diagnostic:
    """Of a deployment of ours; `path` is that of the field in its spec."""
    return Diagnostic(Severity.WARNING, code, summary, hint, about.id, about.origin, path)


def called(section: str, path: FieldPath) -> str:
    """A part of a manifest in words."""
    if sort := _SORTS.get((section, *path[:1])):
        return f"the {sort} {path[1]}" if path[1:] else f"all {sort}s"
    if section == AGENT and path[: len(CREDENTIALS)] == CREDENTIALS:
        return f"the registry credential {path[-1]}"
    if section in {AGENT, HUB}:
        return ".".join((section, *path))
    return f"{'.'.join(path)} in the twin of {section}" if path else f"the twin of {section}"


def named(deployed: Deployed) -> str:
    """A deployment of git by its document, any other by its id on the hub."""
    return str(deployed.id) if deployed.origin else f"{deployed.layered.id} ({whose(deployed)})"


def whose(deployed: Deployed) -> str:
    """Why a deployment on the hub is none of the fleet's."""
    return "no longer in git" if deployed.owned else "not ours"


def devices(count: int) -> str:
    return "1 device" if count == 1 else f"{count} devices"


def last_of_ours(found: Scene, section: Section) -> Deployed | None:
    """Who had the last word in a section, others' deployments aside."""
    ids = (write.by for write in reversed(section.writes) if found.ours(write.by))
    return next((found.deployed[id_] for id_ in ids), None)
