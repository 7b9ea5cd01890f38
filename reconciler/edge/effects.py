"""What happens on a device whose manifest becomes another one.

The agent creates a module anew when anything differs that its container is made from; a status
alone only starts or stops it
(https://github.com/Azure/iotedge/blob/main/edge-agent/src/Microsoft.Azure.Devices.Edge.Agent.Docker/DockerModule.cs).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.edge.canonical import canonical_content
from reconciler.edge.layering import Effective
from reconciler.edge.render import AGENT, DESIRED, HUB
from reconciler.edge.shape import at
from reconciler.model import Spec, Value, canonical, mapping, text

_DEFAULTS: Spec = {"restartPolicy": "on-unhealthy", "imagePullPolicy": "on-create"}
_MADE_FROM = ("type", "version", "settings", "env", "startupOrder", *_DEFAULTS)


@dataclass(frozen=True, slots=True)
class Effects:
    """Names of modules, each sorted; `pulls` are images that the device does not run yet."""

    appears: tuple[str, ...] = ()
    vanishes: tuple[str, ...] = ()
    restarts: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    """Started or stopped."""
    untouched: tuple[str, ...] = ()
    """They go on, or stay stopped."""
    twins: tuple[str, ...] = ()
    """Modules whose desired properties are sent again."""
    pulls: tuple[str, ...] = ()


def effects(before: Effective, after: Effective) -> Effects:
    """`after` is what the device runs in the end (`layering.followed`)."""
    old, new = _modules(before), _modules(after)
    both = sorted(old.keys() & new.keys())
    switches = tuple(name for name in both if _runs(old[name]) is not _runs(new[name]))
    restarts = tuple(
        name
        for name in both
        if name not in switches
        and _runs(new[name])
        and _made_from(old[name]) != _made_from(new[name])
    )
    sent = before.applied != after.applied and bool(after.base)
    return Effects(
        tuple(sorted(new.keys() - old.keys())),
        tuple(sorted(old.keys() - new.keys())),
        restarts,
        switches,
        tuple(name for name in both if name not in (*restarts, *switches)),
        tuple(sorted(after.sections.keys() - {AGENT, HUB})) if sent else (),
        tuple(sorted(_images(new) - _images(old))),
    )


def differ(before: Effective, after: Effective) -> bool:
    """Whether a device is told something else, whoever wrote it.

    What no deployment sets any more in the twin of a module stays in that twin.
    """
    told, tells = before.documents, after.documents
    return before is not after and any(told.get(name) != tells.get(name) for name in (AGENT, HUB))


def named_modules(content: Spec) -> frozenset[str]:
    """The modules that one deployment defines, whether whole or by path."""
    agent = mapping(content.get(AGENT))
    told = mapping(agent.get(DESIRED))
    whole = (told.get("modules"), told.get("systemModules"), agent.get(f"{DESIRED}.modules"))
    paths = (key.removeprefix(f"{DESIRED}.").split(".") for key in agent)
    single = (path[1] for path in paths if path[0] == "modules" and path[1:])
    return frozenset({*(name for each in whole for name in mapping(each)), *single})


def named_images(content: Spec) -> frozenset[str]:
    """The images that one deployment names."""
    agent = mapping(content.get(AGENT))
    told = mapping(agent.get(DESIRED))
    maps = [told.get("modules"), told.get("systemModules"), agent.get(f"{DESIRED}.modules")]
    single = {key: agent[key] for key in agent if key.startswith(f"{DESIRED}.modules.")}
    found = (_images(mapping(each)) for each in (*maps, single))
    return frozenset(image for images in found for image in images)


def _modules(manifest: Effective) -> Mapping[str, Value]:
    document = manifest.sections[AGENT].document if AGENT in manifest.sections else {}
    agent = mapping(at(canonical_content({AGENT: {DESIRED: document}}), AGENT, DESIRED))
    return {**mapping(agent.get("systemModules")), **mapping(agent.get("modules"))}


def _made_from(module: Value) -> str:
    told = {**_DEFAULTS, **mapping(module)}
    return canonical({key: told[key] for key in _MADE_FROM if key in told})


def _runs(module: Value) -> bool:
    return text(mapping(module).get("status")) != "stopped"


def _images(modules: Mapping[str, Value]) -> frozenset[str]:
    """What the agent sees to; a policy of `never` leaves that to somebody else."""
    pulled = (m for m in modules.values() if at(m, "imagePullPolicy") != "never")
    found = (text(at(module, "settings", "image")) for module in pulled)
    return frozenset(image for image in found if image)
