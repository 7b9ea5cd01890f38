"""From a deployment's spec to the manifest that the hub gets, `modulesContent`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.edge.create_options import chunked
from reconciler.edge.defaults import BASE
from reconciler.edge.shape import at, merged
from reconciler.model import MASK, Spec, Value, mapping

AGENT = "$edgeAgent"
HUB = "$edgeHub"
DESIRED = "properties.desired"
CREDENTIALS = ("runtime", "settings", "registryCredentials")

_SETTINGS = {"image", "createOptions"}
_TWIN = {"desiredProperties", "desiredPropertySections"}


@dataclass(frozen=True, slots=True)
class Login:
    """Who signs in at which registry; a masked password is put in right before sending."""

    address: Value
    username: Value
    password: Value = MASK


@dataclass(frozen=True, slots=True)
class Resolutions:
    """What the names in a spec became."""

    images: Mapping[str, str] = field(default_factory=dict)
    """References by module, for those whose image is of this fleet."""
    logins: Mapping[str, Login] = field(default_factory=dict)
    """By the credential's label in the manifest."""


def render(spec: Spec, resolutions: Resolutions) -> Spec:
    """The `modulesContent` of a complete spec; passwords stand masked."""
    is_base = spec.get("type") == BASE
    agent = _base_agent(spec, resolutions) if is_base else _layer_agent(spec, resolutions)
    hub = _base_hub(spec) if is_base else _layer_hub(spec)
    sections: dict[str, Value] = {AGENT: agent}
    if hub is not None:
        sections[HUB] = hub
    return {**sections, **dict(_twins(spec))}


def _base_agent(spec: Spec, resolutions: Resolutions) -> Spec:
    system = {name: spec[name] for name in ("edgeAgent", "edgeHub") if name in spec}
    properties = {
        **_version(spec, "edgeAgent"),
        **_runtime(spec, resolutions),
        "systemModules": {name: _module(value, None) for name, value in system.items()},
        "modules": dict(_modules(spec, resolutions)),
    }
    return {DESIRED: merged(properties, mapping(spec.get("edgeAgentProperties")))}


def _layer_agent(spec: Spec, resolutions: Resolutions) -> Spec:
    modules = {f"modules.{name}": value for name, value in _modules(spec, resolutions)}
    logins = {".".join((*CREDENTIALS, label)): value for label, value in _logins(spec, resolutions)}
    return _paths(merged({**logins, **modules}, mapping(spec.get("edgeAgentProperties"))))


def _base_hub(spec: Spec) -> Value:
    known = {"routes": "routes", "storeAndForward": "storeAndForwardConfiguration"}
    known["mqttBroker"] = "mqttBroker"
    told = {ours: spec[field] for field, ours in known.items() if field in spec}
    further = mapping(spec.get("edgeHubProperties"))
    properties = merged({**_version(spec, "edgeHub"), **told}, further)
    return {DESIRED: properties} if mapping(properties) else None


def _layer_hub(spec: Spec) -> Value:
    if "routes" not in spec and "edgeHubProperties" not in spec:
        return None
    routes = {f"routes.{name}": route for name, route in mapping(spec.get("routes")).items()}
    return _paths(merged(routes, mapping(spec.get("edgeHubProperties"))))


def _paths(properties: Value) -> Spec:
    return {f"{DESIRED}.{path}": value for path, value in mapping(properties).items()}


def _version(spec: Spec, of: str) -> Spec:
    version = at(spec, "schemaVersions", of)
    return {} if version is None else {"schemaVersion": version}


def _runtime(spec: Spec, resolutions: Resolutions) -> Spec:
    if "runtime" not in spec and "registryCredentials" not in spec:
        return {}
    settings = dict(mapping(spec.get("runtime")))
    kind = {"type": settings.pop("type")} if "type" in settings else {}
    if "registryCredentials" in spec:
        settings["registryCredentials"] = dict(_logins(spec, resolutions))
    return {"runtime": {**kind, "settings": settings}}


def _logins(spec: Spec, resolutions: Resolutions) -> Iterator[tuple[str, Value]]:
    for label in sorted(mapping(spec.get("registryCredentials"))):
        login = resolutions.logins.get(label, Login(None, None))
        given = {"address": login.address, "username": login.username, "password": login.password}
        yield label, {key: value for key, value in given.items() if value is not None}


def _modules(spec: Spec, resolutions: Resolutions) -> Iterator[tuple[str, Value]]:
    for name, module in mapping(spec.get("modules")).items():
        yield name, _module(module, resolutions.images.get(name))


def _module(module: Value, location: str | None) -> Value:
    told = mapping(module)
    fields = {key: told[key] for key in told if key not in _SETTINGS | _TWIN | {"env"}}
    image = location or at(told.get("image"), "reference") or told.get("image")
    settings: dict[str, Value] = {} if image is None else {"image": image}
    if (options := told.get("createOptions")) is not None:
        settings |= chunked(options)
    if "env" in told:
        env = mapping(told["env"]).items()
        fields["env"] = {name: {"value": value} for name, value in env}
    return {**fields, "settings": settings}


def _twins(spec: Spec) -> Iterator[tuple[str, Value]]:
    own, others = mapping(spec.get("modules")), mapping(spec.get("twins"))
    for name, told in {**own, **others}.items():
        if (twin := twin_section(mapping(told))) is not None:
            yield name, twin


def twin_section(told: Mapping[str, Value]) -> Value:
    """A module's own section of the manifest; None if it has none."""
    if not _TWIN & told.keys():
        return None
    whole = {DESIRED: told["desiredProperties"]} if "desiredProperties" in told else {}
    return {**whole, **_paths(told.get("desiredPropertySections"))}
