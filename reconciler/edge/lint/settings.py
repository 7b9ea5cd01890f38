"""What can be wrong with the settings that only a base has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.edge.lint.variable import is_open
from reconciler.model import Fault, FieldPath, Severity, Spec, Value, mapping

LONGEST = 2**31 - 1
BROKER_VERSIONS = ("1.2", "1.3")


def runtime_faults(runtime: Spec) -> Iterator[Fault]:
    if (kind := runtime.get("type", "docker")) != "docker" and not is_open(kind):
        summary = f"the agent knows one runtime, docker, and not {kind!r}"
        yield Fault(("runtime", "type"), "runtime.type", summary, 'write "docker"')
    for field in ("minDockerVersion", "loggingOptions"):
        if not isinstance(runtime.get(field, ""), str):
            hint = "no agent uses it: leave it out"
            yield Fault(("runtime", field), "runtime.text", f"{field} must be text", hint)


def store_faults(store: Spec) -> Iterator[Fault]:
    path = ("storeAndForward", "timeToLiveSecs")
    hint = "7200 is usual; a negative number keeps messages for ever"
    yield from _whole(path, store.get("timeToLiveSecs", 0), -LONGEST - 1, hint)
    if "storeLimits" in store:
        limits = store["storeLimits"]
        path = ("storeAndForward", "storeLimits")
        hint = 'write {"maxSizeBytes": 1073741824}'
        if mapping(limits).keys() != {"maxSizeBytes"}:
            yield Fault(path, "store.limits", "storeLimits has one field, maxSizeBytes", hint)
        else:
            size = mapping(limits)["maxSizeBytes"]
            yield from _whole((*path, "maxSizeBytes"), size, 1, hint, last=2**63 - 1)


def broker_faults(broker: Value, version: Value) -> Iterator[Fault]:
    path = ("mqttBroker",)
    if not isinstance(broker, Mapping):
        yield Fault(path, "manifest.broker", "mqttBroker must be an object", "remove it")
        return
    summary = "the MQTT broker was a preview and has been removed from IoT Edge"
    yield _warning(path, "manifest.broker", summary, "remove mqttBroker")
    if version not in BROKER_VERSIONS and not is_open(version):
        summary = f"edgeHub ignores mqttBroker with schema {version}"
        yield _warning(path, "manifest.broker", summary, "remove it, or write 1.2")


def _whole(
    path: FieldPath, value: Value, first: int, hint: str, *, last: int = LONGEST
) -> Iterator[Fault]:
    if is_open(value):
        return
    if isinstance(value, bool) or not isinstance(value, int) or not first <= value <= last:
        summary = f"{path[-1]} is a whole number from {first} to {last}"
        yield Fault(path, "store.number", summary, hint)


def _warning(path: FieldPath, code: str, summary: str, hint: str) -> Fault:
    return Fault(path, code, summary, hint, Severity.WARNING)
