"""Reading `$edgeAgent`'s desired properties as the agent on a device does. Pure.

Codes: https://github.com/Azure/iotedge/blob/main/doc/reported_states_during_deployment.md
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA_VERSION = re.compile(r"1(\.[01](\..*)?)?")
MODULE_NAME = re.compile(r"[A-Za-z0-9_\-]+|\$?edge(Agent|Hub)")
CHUNKS = 100
"""How many pieces of createOptions the agent joins (`TwinValueMaxChunks`)."""


@dataclass(frozen=True)
class ManifestError(ValueError):
    """A manifest that the agent does not take, with the code that it reports."""

    code: int
    description: str


@dataclass(frozen=True)
class Credential:
    address: str
    username: str
    password: str


@dataclass(frozen=True)
class Module:
    """`identity` is everything that makes the agent create the container anew when it differs."""

    name: str
    system: bool
    image: str
    wanted: str
    restarts: str
    pulls: bool
    identity: str
    spec: Mapping[str, Any]


@dataclass(frozen=True)
class Manifest:
    modules: tuple[Module, ...]
    credentials: tuple[Credential, ...]
    waits_for_all_pulls: bool
    runtime: Mapping[str, Any] = field(default_factory=dict)

    def credential(self, host: str) -> Credential | None:
        """By registry host, whatever its case; the first one counts."""
        named = (each for each in self.credentials if each.address.lower() == host.lower())
        return next(named, None)


def read(desired: Mapping[str, Any]) -> Manifest:
    """Raises ManifestError: 417 for an empty one, 412 for its schema, 400 for anything else."""
    if not desired:
        raise ManifestError(417, "Empty edge agent configuration")
    version = str(desired.get("schemaVersion", ""))
    if not SCHEMA_VERSION.fullmatch(version):
        raise ManifestError(412, f"The schema version {version} is not supported")
    try:
        return _manifest(desired)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ManifestError(400, f"The deployment is not valid: {error}") from error


def _manifest(desired: Mapping[str, Any]) -> Manifest:
    runtime, system = desired["runtime"], desired["systemModules"]
    settings = runtime.get("settings") or {}
    credentials = settings.get("registryCredentials") or {}
    modules = [_module(name, spec, system=True) for name, spec in system.items()]
    modules += [
        _module(name, spec, system=False) for name, spec in desired.get("modules", {}).items()
    ]
    mode = ((system["edgeAgent"].get("env") or {}).get("ModuleUpdateMode") or {}).get("value")
    return Manifest(
        tuple(modules),
        tuple(
            Credential(each["address"], each["username"], each["password"])
            for each in credentials.values()
        ),
        mode == "WaitForAllPulls",
        runtime,
    )


def _module(name: str, spec: Mapping[str, Any], *, system: bool) -> Module:
    if not MODULE_NAME.fullmatch(name):
        raise ValueError(f"module name {name!r}")
    settings = spec["settings"]
    policy = spec.get("restartPolicy", "on-unhealthy")
    return Module(
        name=name,
        system=system,
        image=settings["image"].strip(),
        wanted=spec.get("status", "running"),
        restarts=policy,
        pulls=spec.get("imagePullPolicy", "on-create") != "never",
        identity=_identity(spec, policy),
        spec=spec,
    )


def _identity(spec: Mapping[str, Any], policy: str) -> str:
    """createOptions are compared after parsing, so that white space restarts nothing."""
    settings = spec["settings"]
    told = {
        "type": spec["type"],
        "version": spec.get("version"),
        "image": settings["image"].strip(),
        "digest": settings.get("digest"),
        "createOptions": json.loads(_joined(settings) or "{}"),
        "restartPolicy": policy,
        "imagePullPolicy": spec.get("imagePullPolicy", "on-create"),
        "startupOrder": spec.get("startupOrder"),
        "env": spec.get("env") or {},
    }
    return json.dumps(told, sort_keys=True)


def _joined(settings: Mapping[str, Any]) -> str:
    """createOptions, createOptions01, ... are one text."""
    pieces = [settings.get("createOptions", "")]
    for number in range(1, CHUNKS):
        if (piece := settings.get(f"createOptions{number:02}")) is None:
            break
        pieces.append(piece)
    return "".join(pieces)
