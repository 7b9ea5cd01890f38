"""From a manifest to a deployment's spec: the inverse of `render`.

Only what a spec has no shape for is a fault here; whether a value makes sense is for `lint` to
judge. What has no field of its own goes to `edgeAgentProperties` and `edgeHubProperties`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.edge.defaults import BASE, LAYER
from reconciler.edge.read_module import Reader, module, put
from reconciler.edge.render import AGENT, CREDENTIALS, DESIRED, HUB, Login
from reconciler.edge.shape import at
from reconciler.model import Fault, FieldPath, Spec, Value, mapping

_CREDENTIALS = ".".join(CREDENTIALS)
_HOST = re.compile(r"([$]upstream|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:[0-9]{1,5})?|.*[$]\{.*")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a manifest says."""

    spec: Spec
    """Complete, without group and priority; a credential is called by its label."""
    logins: Mapping[str, Login] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    """Their paths lead into `modulesContent`."""


def read(content: Value) -> Reading:
    """What `modulesContent` says, and what cannot be said in a spec."""
    reader = Reader()
    if not isinstance(content, Mapping):
        reader.refuse((), "manifest.shape", "modulesContent must be an object", "")
        return Reading({"type": BASE}, {}, tuple(reader.faults))
    agent = reader.mapping((AGENT,), content.get(AGENT))
    if AGENT not in content:
        summary = "there is no $edgeAgent, without which the hub refuses a manifest"
        reader.warn((), "manifest.agent", summary, "an empty one is written")
    spec, logins = _base(content, reader) if DESIRED in agent else _layer(content, reader)
    _sections(content, spec, reader)
    return Reading({**spec, "metrics": {}, "labels": {}}, logins, tuple(reader.faults))


def _base(content: Spec, reader: Reader) -> tuple[dict[str, Value], Mapping[str, Login]]:
    for name in (AGENT, HUB):
        for key in reader.mapping((name,), content.get(name)):
            if key != DESIRED:
                summary = f"{key} stands beside a whole {DESIRED}"
                hint = "put it inside, or take the other away to make this a layer"
                reader.refuse((name, key), "manifest.mixed", summary, hint)
    spec: dict[str, Value] = {"type": BASE}
    at_agent, at_hub = (AGENT, DESIRED), (HUB, DESIRED)
    agent = dict(reader.mapping(at_agent, at(content, *at_agent)))
    hub = dict(reader.mapping(at_hub, at(content, *at_hub)))
    _versions(agent, hub, spec)
    logins = _runtime(agent, spec, reader)
    _system_modules(agent, spec, reader)
    _base_modules(agent, spec, reader)
    _hub_fields(hub, spec, reader)
    _further(agent, hub, spec)
    return spec, logins


def _versions(agent: dict[str, Value], hub: dict[str, Value], spec: dict[str, Value]) -> None:
    told = {
        "edgeAgent": agent.pop("schemaVersion", None),
        "edgeHub": hub.pop("schemaVersion", None),
    }
    spec["schemaVersions"] = {key: value for key, value in told.items() if value is not None}


def _runtime(
    agent: dict[str, Value], spec: dict[str, Value], reader: Reader
) -> Mapping[str, Login]:
    if agent.get("runtime") is None:
        agent.pop("runtime", None)
        return {}
    where = (AGENT, DESIRED, "runtime")
    runtime = dict(reader.mapping(where, agent.pop("runtime")))
    settings = dict(reader.mapping((*where, "settings"), runtime.pop("settings", {})))
    told = {"type": runtime.pop("type", None)}
    told |= {key: settings.pop(key, None) for key in ("minDockerVersion", "loggingOptions")}
    spec["runtime"] = {key: value for key, value in told.items() if value is not None}
    given = settings.pop("registryCredentials", None)
    put(agent, ("runtime",), runtime)
    put(agent, ("runtime", "settings"), settings)
    if given is None:
        return {}
    found = reader.mapping((AGENT, DESIRED, *CREDENTIALS), given)
    spec["registryCredentials"] = {label: label for label in found}
    at_labels = (AGENT, DESIRED, *CREDENTIALS)
    return {label: _login((*at_labels, label), value, reader) for label, value in found.items()}


def _login(where: FieldPath, value: Value, reader: Reader) -> Login:
    told = reader.mapping(where, value)
    for key, example in (
        ("address", "contoso.azurecr.io"),
        ("username", "puller"),
        ("password", "..."),
    ):
        if not isinstance(told.get(key), str) or not told[key]:
            there = "is empty" if told.get(key) == "" else "must be text"
            summary = (
                f'registry credential "{where[-1]}" has no {key}'
                if key not in told
                else (f'the {key} of registry credential "{where[-1]}" {there}')
            )
            hint = f'write "{key}": "{example}"'
            reader.refuse((*where, key), f"credential.{key}", summary, hint)
    address = told.get("address")
    if isinstance(address, str) and address and not _HOST.fullmatch(address):
        summary = f'"{address}" is not the host name of a registry, by which the agent looks'
        hint = "write only the host, such as contoso.azurecr.io"
        reader.refuse((*where, "address"), "credential.address", summary, hint)
    for key in told.keys() - {"address", "username", "password"}:
        reader.warn((*where, key), "manifest.ignored", f'"{key}" is ignored by the agent', "")
    return Login(told.get("address"), told.get("username"))


def _system_modules(agent: dict[str, Value], spec: dict[str, Value], reader: Reader) -> None:
    where = (AGENT, DESIRED, "systemModules")
    found = dict(reader.mapping(where, agent.pop("systemModules", None)))
    for name in ("edgeAgent", "edgeHub"):
        if name not in found:
            summary = f"systemModules has no {name}"
            hint = f'add "{name}" with "type": "docker" and its "settings": {{"image": ...}}'
            reader.refuse(where, "manifest.system-module", summary, hint)
            continue
        told, rest = module((*where, name), found.pop(name), reader)
        image = told.pop("image", None)
        spec[name] = {**told, **({} if image is None else {"image": image})}
        put(agent, ("systemModules", name), rest)
    put(agent, ("systemModules",), found)


def _base_modules(agent: dict[str, Value], spec: dict[str, Value], reader: Reader) -> None:
    where = (AGENT, DESIRED, "modules")
    modules: dict[str, Value] = {}
    for name, value in reader.mapping(where, agent.pop("modules", {})).items():
        told, rest = module((*where, name), value, reader)
        modules[name] = {**told, "image": _image(told.get("image"))}
        put(agent, ("modules", name), rest)
    spec["modules"] = modules


def _hub_fields(hub: dict[str, Value], spec: dict[str, Value], reader: Reader) -> None:
    where = (HUB, DESIRED)
    if hub.get("routes") is not None:
        spec["routes"] = reader.mapping((*where, "routes"), hub.pop("routes"))
    if hub.get("storeAndForwardConfiguration") is not None:
        at_store = (*where, "storeAndForwardConfiguration")
        store = dict(reader.mapping(at_store, hub.pop("storeAndForwardConfiguration")))
        told = {key: store.pop(key, None) for key in ("timeToLiveSecs", "storeLimits")}
        spec["storeAndForward"] = {key: value for key, value in told.items() if value is not None}
        put(hub, ("storeAndForwardConfiguration",), store)
    if hub.get("mqttBroker") is not None:
        spec["mqttBroker"] = hub.pop("mqttBroker")


def _further(agent: Spec, hub: Spec, spec: dict[str, Value]) -> None:
    for name, rest in (("edgeAgentProperties", agent), ("edgeHubProperties", hub)):
        left = {key: value for key, value in rest.items() if value is not None}
        if left:
            spec[name] = left


def _layer(content: Spec, reader: Reader) -> tuple[dict[str, Value], Mapping[str, Login]]:
    modules: dict[str, Value] = {}
    logins: dict[str, Login] = {}
    further: dict[str, Value] = {}
    for path, (where, value) in _by_path(AGENT, content, reader).items():
        of, _, name = path.rpartition(".")
        if of == "modules":
            told, rest = module(where, value, reader)
            modules[name] = {**told, "image": _image(told.get("image"))}
            put(further, (path,), rest)
        elif of == _CREDENTIALS:
            logins[name] = _login(where, value, reader)
        else:
            further[path] = value
    spec: dict[str, Value] = {"type": LAYER}
    spec |= {"modules": modules} if modules else {}
    spec |= {"registryCredentials": {label: label for label in logins}} if logins else {}
    _further(further, _layer_hub(content, spec, reader), spec)
    return spec, logins


def _layer_hub(content: Spec, spec: dict[str, Value], reader: Reader) -> Spec:
    if HUB not in content:
        return {}
    found = _by_path(HUB, content, reader)
    names = {path: path.removeprefix("routes.") for path in found if path.startswith("routes.")}
    spec["routes"] = {name: found[path][1] for path, name in names.items()}
    return {path: value for path, (_, value) in found.items() if path not in names}


def _by_path(section: str, content: Spec, reader: Reader) -> Mapping[str, tuple[FieldPath, Value]]:
    """The entries of a layer's section by their path below `properties.desired`."""
    found: dict[str, tuple[FieldPath, Value]] = {}
    for key, value in reader.mapping((section,), content.get(section, {})).items():
        if key == DESIRED:
            summary = f"{DESIRED} as a whole in a layer replaces all of what the base says"
            hint = f"name each part: {DESIRED}.routes.<name>"
            reader.refuse((section, key), "layer.whole", summary, hint)
        elif key.startswith(f"{DESIRED}."):
            found[key.removeprefix(f"{DESIRED}.")] = ((section, key), value)
        else:
            reader.refuse((section, key), "manifest.key", *_odd_key(key))
    return found


def _sections(content: Spec, spec: dict[str, Value], reader: Reader) -> None:
    modules = dict(mapping(spec.get("modules")))
    others: dict[str, Value] = {}
    for name, section in content.items():
        if name in {AGENT, HUB}:
            continue
        if name.startswith("$"):
            summary = f"{name} is neither a module nor $edgeAgent nor $edgeHub"
            reader.refuse((name,), "manifest.section", summary, "rename or remove it")
            continue
        twin = _twin((name,), section, reader)
        if name in modules:
            modules[name] = {**mapping(modules[name]), **twin}
        else:
            others[name] = twin
    spec |= {"modules": modules} if "modules" in spec else {}
    spec |= {"twins": others} if others else {}


def _twin(where: FieldPath, section: Value, reader: Reader) -> Spec:
    told: dict[str, Value] = {}
    sections: dict[str, Value] = {}
    for key, value in reader.mapping(where, section).items():
        if key == DESIRED and value is None:
            continue
        if key == DESIRED:
            told["desiredProperties"] = reader.mapping((*where, key), value)
        elif key.startswith(f"{DESIRED}."):
            sections[key.removeprefix(f"{DESIRED}.")] = value
        else:
            reader.refuse((*where, key), "manifest.key", *_odd_key(key))
    return {**told, **({} if told and not sections else {"desiredPropertySections": sections})}


def _odd_key(key: str) -> tuple[str, str]:
    hint = f'put it into "{DESIRED}", or write "{DESIRED}.{key}"'
    return f'"{key}" is not {DESIRED}, nor a path below it', hint


def _image(image: Value) -> Value:
    is_name = isinstance(image, str) and "/" not in image and ":" not in image
    return {"reference": image} if is_name else image
