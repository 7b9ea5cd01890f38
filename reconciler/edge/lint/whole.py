"""What can be wrong with a deployment as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.edge.defaults import BASE, LAYER
from reconciler.edge.identity import (
    CREDENTIAL_LABEL,
    LABEL,
    LABEL_LENGTH,
    NAME_LENGTH,
    OURS,
    address_name,
)
from reconciler.edge.lint.host import host_faults
from reconciler.edge.lint.module import ignored_order, module_faults, module_name_faults
from reconciler.edge.lint.routes import route_faults
from reconciler.edge.lint.settings import broker_faults, runtime_faults, store_faults
from reconciler.edge.lint.twins import further_faults, size_faults, twin_faults
from reconciler.edge.lint.variable import is_open, unfilled
from reconciler.edge.reported import SYSTEM
from reconciler.edge.shape import at
from reconciler.model import Fault, FieldPath, Severity, Spec, Value, mapping, text

MODULES = 50
LARGEST = 2**31 - 1
QUERY_BYTES = 8192
VERSIONS: Mapping[str, tuple[str, ...]] = {
    "edgeAgent": ("1.1", "1.0"),
    "edgeHub": ("1.1", "1.0", "1.2", "1.3"),
}
RUNTIMES = ("1.2", "1.3", "1.4", "1.5", "1.6")
ONLY_BASE = (
    "edgeAgent",
    "edgeHub",
    "runtime",
    "schemaVersions",
    "storeAndForward",
    "mqttBroker",
)


def faults(spec: Spec) -> Iterator[Fault]:
    """Everything that is wrong with a complete spec."""
    yield from _base_faults(spec) if spec.get("type") == BASE else _layer_faults(spec)
    yield from _priority(spec.get("priority", 0))
    yield from _modules(spec)
    yield from route_faults(spec)
    yield from _credentials(spec)
    yield from _labels(mapping(spec.get("labels")))
    yield from _metrics(mapping(spec.get("metrics")))
    yield from further_faults(spec)
    yield from size_faults(spec)
    yield from host_faults(spec)
    yield from unfilled(spec)


def name_faults(name: str) -> Iterator[Fault]:
    """Whether an id for the hub can be made from a deployment's name."""
    if not address_name(name):
        summary = f'no id for the hub can be made from "{name}"'
        yield Fault((), "deployment.name", summary, "use small letters, digits and -")
    elif len(name) > NAME_LENGTH:
        summary = f"the name has {len(name)} characters; {NAME_LENGTH} fit into the hub's id"
        yield Fault((), "deployment.name", summary, "shorten it")


def _base_faults(spec: Spec) -> Iterator[Fault]:
    for section, known in VERSIONS.items():
        version = at(spec, "schemaVersions", section)
        if version is not None and not is_open(version) and version not in known:
            yield _version_fault(("schemaVersions", section), version, known)
    if "mqttBroker" in spec:
        yield from broker_faults(spec["mqttBroker"], at(spec, "schemaVersions", "edgeHub"))
    if at(spec, "schemaVersions", "edgeHub") is None:
        summary = "$edgeHub has no properties, without which edgeHub forwards nothing"
        yield _warning(("schemaVersions",), "manifest.hub", summary, "leave out no default of it")
    yield from runtime_faults(mapping(spec.get("runtime")))
    yield from store_faults(mapping(spec.get("storeAndForward")))
    for section in ("edgeAgentProperties", "edgeHubProperties"):
        for key in mapping(spec.get(section)):
            if key.startswith("properties."):
                summary = f'"{key}" would stand inside properties.desired'
                yield Fault((section, key), "manifest.key", summary, "write what stands below it")


def _version_fault(path: FieldPath, version: Value, known: tuple[str, ...]) -> Fault:
    summary = f'"{version}" is no schema version of ${path[-1]}; {", ".join(sorted(known))} are'
    hint = f'write "{known[0]}"'
    if version in RUNTIMES:
        summary = f"schemaVersion \"{version}\" is not the manifest's, but the runtime's version"
        hint += "; the runtime's version is the tag of its images"
    return Fault(path, "manifest.schema", summary, hint)


def _layer_faults(spec: Spec) -> Iterator[Fault]:
    if spec.get("type") != LAYER:
        summary = f"a deployment is a base or a layer, not {spec.get('type')!r}"
        yield Fault(("type",), "deployment.type", summary, 'write "base" or "layer"')
    for field in ONLY_BASE:
        if field in spec:
            summary = f"{field} belongs to the base: in a layer nothing reads it"
            hint = "move it to the base of these devices"
            yield Fault((field,), "layer.base-only", summary, hint)
    for path in mapping(spec.get("edgeAgentProperties")):
        yield from _layer_path(("edgeAgentProperties", path), path)
    if "routes" in mapping(spec.get("edgeHubProperties")):
        summary = "routes as a whole in a layer knocks out the routes of the base and other layers"
        hint = "name each in routes, or as properties.desired.routes.<name>"
        yield Fault(("edgeHubProperties", "routes"), "layer.routes", summary, hint)
    yield from _only_twins(spec)


def _layer_path(where: FieldPath, path: str) -> Iterator[Fault]:
    match path.split("."):
        case ["modules"]:
            summary = "modules as a whole in a layer knocks out the modules of all other layers"
            hint = "name each: properties.desired.modules.<name> (iotedge issue 4935)"
            yield Fault(where, "layer.modules", summary, hint)
        case ["modules", *name] if len(name) > 1:
            yield from module_name_faults(where, ".".join(name))
        case ["systemModules", *_]:
            summary = "the runtime's modules are officially not part of layers"
            yield _warning(where, "layer.system-module", summary, "change them in the base")
        case _:
            return


def _only_twins(spec: Spec) -> Iterator[Fault]:
    says = [
        key for key in ("modules", "registryCredentials", "edgeAgentProperties") if spec.get(key)
    ]
    if spec.get("twins") and not says:
        summary = "the hub never counts a layer that only changes twins as applied"
        hint = "watch the module's own twin (https://github.com/Azure/iotedge/issues/5299)"
        yield _warning(("twins",), "layer.only-twins", summary, hint)


def _priority(priority: Value) -> Iterator[Fault]:
    if is_open(priority):
        return
    whole = isinstance(priority, int) and not isinstance(priority, bool)
    if not (whole and isinstance(priority, int) and 0 <= priority <= LARGEST):
        summary = f"priority is a whole number from 0 to {LARGEST}, not {priority!r}"
        yield Fault(("priority",), "deployment.priority", summary, "the larger number wins")


def _modules(spec: Spec) -> Iterator[Fault]:
    modules, twins = mapping(spec.get("modules")), mapping(spec.get("twins"))
    if len(modules) > MODULES:
        summary = f"{len(modules)} modules; a deployment has at most {MODULES}"
        yield Fault(("modules",), "module.count", summary, "split it into layers")
    for name in SYSTEM:
        yield from module_faults((name,), spec.get(name))
    if "startupOrder" in mapping(spec.get("edgeAgent")):
        yield ignored_order(("edgeAgent",), "edgeAgent itself has no place in the start-up order")
    for name, module in modules.items():
        yield from module_name_faults(("modules", name), name)
        yield from module_faults(("modules", name), module)
        yield from twin_faults(("modules", name), mapping(module))
        if "startupOrder" in mapping(module) and at(spec, "schemaVersions", "edgeAgent") == "1.0":
            why = "startupOrder is ignored with schema 1.0"
            yield ignored_order(("modules", name), why)
    for name, twin in twins.items():
        yield from module_name_faults(("twins", name), name)
        yield from twin_faults(("twins", name), mapping(twin))
    yield from _twins(spec, modules, twins)


def _twins(spec: Spec, modules: Spec, twins: Spec) -> Iterator[Fault]:
    for name in twins:
        if name in modules:
            summary = f'"{name}" is a module of this deployment'
            hint = f"move its desired properties to modules.{name}"
            yield Fault(("twins", name), "twin.own", summary, hint)
        elif spec.get("type") == BASE:
            summary = f'the module "{name}" is not in this deployment'
            hint = "fine if a layer of the same devices has it; else mind the spelling"
            yield _warning(("twins", name), "twin.module", summary, hint)


def _credentials(spec: Spec) -> Iterator[Fault]:
    for label in mapping(spec.get("registryCredentials")):
        if not CREDENTIAL_LABEL.fullmatch(label) and not is_open(label):
            summary = f'"{label}" cannot be the label of a credential: no . $ # or space can'
            path = ("registryCredentials", label)
            yield Fault(path, "credential.label", summary, "choose another label")


def _labels(labels: Spec) -> Iterator[Fault]:
    for key, value in labels.items():
        if key.startswith(OURS):
            summary = f"labels that start with {OURS} are ours"
            yield Fault(("labels", key), "label.ours", summary, "choose another name")
        for part in (key, text(value)):
            if part and not LABEL.fullmatch(part) and not is_open(part):
                summary = f'"{part}" cannot stand in a label'
                hint = f"at most {LABEL_LENGTH} of letters, digits and -:.+%_#*?!(),=@;'"
                yield Fault(("labels", key), "label.characters", summary, hint)


def _metrics(metrics: Spec) -> Iterator[Fault]:
    for name, query in metrics.items():
        path = ("metrics", name)
        if not text(query).strip().lower().startswith("select ") and not is_open(query):
            hint = "write SELECT deviceId FROM devices.modules WHERE ..."
            yield Fault(path, "metric.query", "a metric is a whole SELECT statement", hint)
        elif len(text(query).encode()) > QUERY_BYTES:
            summary = f"the query is longer than the hub's {QUERY_BYTES} bytes"
            yield Fault(path, "metric.size", summary, "shorten it")


def _warning(path: FieldPath, code: str, summary: str, hint: str) -> Fault:
    return Fault(path, code, summary, hint, Severity.WARNING)
