"""Base and layers, each sound alone, that are not together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.edge import route
from reconciler.edge.host import Clash, clashes, options_of
from reconciler.edge.layering import Effective
from reconciler.edge.place import in_spec
from reconciler.edge.provenance import giver
from reconciler.edge.render import AGENT, HUB
from reconciler.edge.reported import module_path
from reconciler.edge.shape import at
from reconciler.edge.size import HEADROOM, SECTION_BYTES, twin_size
from reconciler.model import Diagnostic, Severity, Spec, Value, mapping, text
from reconciler.plan.deployed import Deployed
from reconciler.plan.lint.stack import Scene, devices, last_of_ours, named, warning

MODULES = 50
"""Of one device: https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-module-twins."""


def merged_lints(found: Scene) -> Iterator[Diagnostic]:
    yield from _sizes(found)
    yield from _counts(found)
    yield from _routes(found)
    yield from _hosts(found)


def _sizes(found: Scene) -> Iterator[Diagnostic]:
    """Each deployment may be small and what they become together too large
    (https://github.com/Azure/iotedge/issues/7035)."""
    told = set()
    for each in found.manifests:
        for name, section in each.manifest.sections.items():
            size = twin_size(section.document)
            limit = int(SECTION_BYTES * HEADROOM) if name == AGENT else SECTION_BYTES
            last = last_of_ours(found, section)
            if size <= limit or last is None or (last.id, name) in told:
                continue
            told.add((last.id, name))
            yield _too_large(last, name, size, each.manifest)


def _too_large(last: Deployed, name: str, size: int, manifest: Effective) -> Diagnostic:
    stands = " + ".join(manifest.applied)
    summary = f"{name} of {stands} has {size} bytes together, a twin holds {SECTION_BYTES}"
    if size > SECTION_BYTES:
        what = (
            "split the modules, or shorten env and createOptions" if name == AGENT else "shorten it"
        )
        hint = f"the hub refuses it on these devices: {what}"
    else:
        hint = "what the device reports repeats it, and is full first: leave 45 % free"
    field = {AGENT: "modules", HUB: "routes"}.get(name)
    said = warning(last, (field,) if field else ("modules", name), "twin.merged", summary, hint)
    return replace(said, severity=Severity.ERROR) if size > SECTION_BYTES else said


def _counts(found: Scene) -> Iterator[Diagnostic]:
    told = set()
    for each in found.manifests:
        count = len(_modules(each.manifest))
        last = last_of_ours(found, each.manifest.sections[AGENT])
        if count > MODULES and last and last.id not in told:
            told.add(last.id)
            stands = " + ".join(each.manifest.applied)
            summary = f"{stands} have {count} modules together, a device has at most {MODULES}"
            hint = "take a layer off these devices, or join modules"
            said = warning(last, ("modules",), "module.merged", summary, hint)
            yield replace(said, severity=Severity.ERROR)


def _routes(found: Scene) -> Iterator[Diagnostic]:
    """Routes that name a module which only some of their devices have."""
    absent: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    applied: defaultdict[str, int] = defaultdict(int)
    for each in found.manifests:
        for id_ in each.manifest.applied:
            applied[id_] += each.devices
        hub = each.manifest.sections.get(HUB)
        there = {*_modules(each.manifest), *_modules(each.manifest, "systemModules")}
        for name, told in mapping(at(hub.document, "routes") if hub else None).items():
            for module in sorted(_named(told) - there - {AGENT, HUB}):
                by = giver(hub, ("routes", name)) if hub else ""
                absent[by, name, module] += each.devices
    for (by, name, module), count in absent.items():
        if found.ours(by):
            who = f"{count} of its {devices(applied[by])} {'does' if count == 1 else 'do'} not have"
            hint = "messages of that route are lost there: move it to the layer with the module"
            if count == applied[by]:
                who = f"none of its {devices(count)} has"
                hint = "messages of that route are lost: look for a typo, or deploy the module"
            summary = f'the route "{name}" names the module "{module}", which {who}'
            about = found.deployed[by]
            yield warning(about, ("routes", name), "route.absent", summary, hint)


def _named(told: Value) -> set[str]:
    try:
        return set(route.parse(text(at(told, "route")) or text(told)).modules)
    except route.RouteError:
        return set()


def _hosts(found: Scene) -> Iterator[Diagnostic]:
    """Ports and devices of the host that two modules of one device ask for."""
    options: dict[str, Value] = {}
    counts: defaultdict[tuple[Clash, str, str], int] = defaultdict(int)
    for each in found.manifests:
        agent = each.manifest.sections[AGENT]
        running = {n: m for n, m in _running(each.manifest).items() if _takes(m, options)}
        for clash in clashes({name: options[_key(m)] for name, m in running.items()}):
            one, two = (giver(agent, module_path(c.module)) for c in (clash.one, clash.two))
            if one != two:  # of one deployment, it is said wherever its document is read
                counts[clash, one, two] += each.devices
    for (clash, one, two), count in counts.items():
        yield from _clash(clash, (found.deployed[one], found.deployed[two]), count)


def _clash(clash: Clash, by: Sequence[Deployed], count: int) -> Iterator[Diagnostic]:
    """Said of the one of ours that has the last word."""
    sides = [(each, c) for each, c in zip(by, (clash.one, clash.two), strict=True) if each.origin]
    if not sides:
        return
    about, claim = max(sides, key=lambda side: side[0].layered.rank)
    other = clash.one if claim is clash.two else clash.two
    owner = by[0] if claim is clash.two else by[1]
    summary = (
        f'the module "{claim.module}" claims {claim.what} of the host on {devices(count)}, and so'
        f' does "{other.module}" of {named(owner)}'
    )
    path = (*in_spec(AGENT, module_path(claim.module)), "createOptions", *claim.path)
    if claim.exclusive:
        hint = "the container that comes second does not start: bind another port of the host"
        said = warning(about, path, "host.port", summary, hint)
        # What git does not ask for cannot be put right there.
        yield replace(said, severity=Severity.ERROR) if len(sides) == len(by) else said
    else:
        hint = "few devices can be read by two processes: give it to one of the modules"
        yield warning(about, path, "host.device", summary, hint)


def _takes(module: Value, options: dict[str, Value]) -> bool:
    """Whether it asks for anything of the host; options of equal modules are read once."""
    key = _key(module)
    if key not in options:
        options[key] = options_of(module)
    return bool(at(options[key], "HostConfig"))


def _key(module: Value) -> str:
    return repr(mapping(module).get("settings"))


def _modules(manifest: Effective, sort: str = "modules") -> Spec:
    return mapping(at(manifest.sections[AGENT].document, sort))


def _running(manifest: Effective) -> Mapping[str, Value]:
    both = {**_modules(manifest, "systemModules"), **_modules(manifest)}
    return {name: told for name, told in both.items() if at(told, "status") != "stopped"}
