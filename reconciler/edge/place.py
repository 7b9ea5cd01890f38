"""Where in a manifest the fields of a spec stand."""

from __future__ import annotations

from reconciler.edge.render import AGENT, CREDENTIALS, DESIRED, HUB
from reconciler.model import FieldPath

_SETTINGS = {"image", "createOptions"}
_HUB_FIELDS = {
    "routes": "routes",
    "storeAndForward": "storeAndForwardConfiguration",
    "mqttBroker": "mqttBroker",
}


_FROM_HUB = {theirs: ours for ours, theirs in _HUB_FIELDS.items()}


def in_manifest(path: FieldPath, *, base: bool) -> FieldPath:
    """The path in `modulesContent` of what stands at `path` in a spec.

    Empty for what does not stand in the manifest itself (priority, labels, metrics).
    """
    match path:
        case ("schemaVersions", section, *_):
            return (f"${section}", DESIRED, "schemaVersion")
        case ("edgeAgent" | "edgeHub", *rest):
            return (AGENT, DESIRED, "systemModules", path[0], *_in_module(*rest))
        case ("modules" | "twins", module, *rest):
            return _module(module, *rest, defined=path[0] == "modules", base=base)
        case _:
            return _elsewhere(path, base=base)


def in_spec(section: str, path: FieldPath) -> FieldPath:
    """Where in a spec the part of a manifest was written that stands at `path` of a section."""
    match (section, *path):
        case (section, "modules", *rest) if section == AGENT:
            return ("modules", *rest)
        case (section, "systemModules", *rest) if section == AGENT:
            return tuple(rest)
        case (section, *_) if section == AGENT:
            at_login = path[: len(CREDENTIALS)] == CREDENTIALS
            return ("registryCredentials", *path[len(CREDENTIALS) :]) if at_login else path
        case (section, field, *rest) if section == HUB:
            return (_FROM_HUB.get(field, field), *rest)
        case _:
            return ("modules", section, "desiredProperties", *path)


def _module(module: str, *rest: str, defined: bool, base: bool) -> FieldPath:
    match rest:
        case ("desiredProperties", *more):
            return (module, DESIRED, *more)
        case ("desiredPropertySections", section, *more):
            return (module, f"{DESIRED}.{section}", *more)
        case _ if defined:
            return (*_keyed(AGENT, "modules", module, base=base), *_in_module(*rest))
        case _:
            return (module,)


def _elsewhere(path: FieldPath, *, base: bool) -> FieldPath:
    match path:
        case ("registryCredentials", label, *rest):
            return (*_keyed(AGENT, *CREDENTIALS, label, base=base), *rest)
        case ("edgeAgentProperties", key, *rest):
            return (*_keyed(AGENT, key, base=base), *rest)
        case ("edgeHubProperties", key, *rest):
            return (*_keyed(HUB, key, base=base), *rest)
        case ("runtime", *rest):
            return (AGENT, DESIRED, "runtime", "settings", *rest)
        case (field, *rest) if field in _HUB_FIELDS:
            return _hub_field(_HUB_FIELDS[field], *rest, base=base)
        case _:
            return ()


def _hub_field(field: str, *rest: str, base: bool) -> FieldPath:
    if base or not rest:
        return (HUB, DESIRED, field, *rest)
    return (*_keyed(HUB, field, rest[0], base=base), *rest[1:])


def _keyed(section: str, *steps: str, base: bool) -> FieldPath:
    return (section, DESIRED, *steps) if base else (section, ".".join((DESIRED, *steps)))


def _in_module(*rest: str) -> FieldPath:
    match rest:
        case (field, *more) if field in _SETTINGS:
            return ("settings", field, *more)
        case ("env", name, *_):
            return ("env", name, "value")
        case _:
            return tuple(rest)
