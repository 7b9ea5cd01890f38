"""What a deployment means where its document says nothing.

These are part of the contract: to change one gives every deployment that relies on it a new
generation. In a document, null in place of a value says that there is to be none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from reconciler.model import Spec, Value, mapping

_Change: TypeAlias = Callable[[Value, Spec], Value]

BASE = "base"
LAYER = "layer"

MODULE: Spec = {"type": "docker", "status": "running", "restartPolicy": "always"}
EDGE_AGENT: Spec = {"type": "docker", "image": "mcr.microsoft.com/azureiotedge-agent:1.6.1"}
EDGE_HUB: Spec = {
    **MODULE,
    "image": "mcr.microsoft.com/azureiotedge-hub:1.6.1",
    "createOptions": {
        "HostConfig": {
            "PortBindings": {
                port: ({"HostPort": port.partition("/")[0]},)
                for port in ("443/tcp", "5671/tcp", "8883/tcp")
            }
        }
    },
}
_BASE: Mapping[str, Spec] = {
    "schemaVersions": {"edgeAgent": "1.1", "edgeHub": "1.1"},
    "runtime": {"type": "docker"},
    "edgeAgent": EDGE_AGENT,
    "edgeHub": EDGE_HUB,
    "modules": {},
    "routes": {},
    "storeAndForward": {"timeToLiveSecs": 7200},
}
_ALWAYS: Mapping[str, Spec] = {"metrics": {}, "labels": {}}


def completed(spec: Spec) -> Spec:
    """`spec` with every default filled in; what was null is not there at all."""
    told = {key: _filled(spec.get(key, {}), default) for key, default in _of(spec).items()}
    whole = {**spec, **told}
    if isinstance(whole.get("modules"), Mapping):
        whole["modules"] = _each(whole["modules"], MODULE, _filled)
    return {key: value for key, value in whole.items() if value is not None}


def shortened(spec: Spec) -> Spec:
    """The shortest spec that `completed` turns into `spec`."""
    told = {key: _unfilled(spec.get(key), default) for key, default in _of(spec).items()}
    short = {**spec, **told}
    if isinstance(spec.get("modules"), Mapping):
        short["modules"] = _each(spec["modules"], MODULE, _unfilled)
    return {key: value for key, value in short.items() if value != {} or key not in told}


def _of(spec: Spec) -> Mapping[str, Spec]:
    return {**_BASE, **_ALWAYS} if spec.get("type") == BASE else _ALWAYS


def _filled(value: Value, default: Spec) -> Value:
    if not isinstance(value, Mapping):
        return value
    return {key: inner for key, inner in {**default, **value}.items() if inner is not None}


def _unfilled(value: Value, default: Spec) -> Value:
    if not isinstance(value, Mapping):
        return value
    missing: dict[str, Value] = {key: None for key in default if key not in value}
    told = {key: inner for key, inner in value.items() if not _same(inner, default.get(key))}
    return {**missing, **told}


def _same(value: Value, default: Value) -> bool:
    return value == default and default is not None


def _each(values: Value, default: Spec, change: _Change) -> Value:
    return {name: change(value, default) for name, value in mapping(values).items()}
