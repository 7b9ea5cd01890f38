"""Reported properties of `$edgeAgent` and `$edgeHub`, in the shape of the real ones. Pure.

https://learn.microsoft.com/azure/iot-edge/module-edgeagent-edgehub
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.emulator.hub.state import RUNNING, Container, State

VERSION_MARK = "@version"
"""Stands for `lastDesiredVersion`, which differs per device while the rest is alike."""
RUNTIME_VERSION = "1.5.0"
PLATFORM = {"os": "linux", "architecture": "x86_64", "version": RUNTIME_VERSION}


def report(state: State, runtime: Mapping[str, Any], code: int, description: str) -> dict[str, Any]:
    """What the agent says about itself and its modules; it echoes what it was given."""
    told = {name: _module(each) for name, each in sorted(state.containers.items())}
    system = {name for name, each in state.containers.items() if each.system}
    return {
        "schemaVersion": "1.1",
        "version": {"version": RUNTIME_VERSION},
        "lastDesiredVersion": VERSION_MARK,
        "lastDesiredStatus": {"code": code, "description": description},
        "runtime": {"type": "docker", "settings": {}, **runtime, "platform": PLATFORM},
        "systemModules": {name: each for name, each in told.items() if name in system},
        "modules": {name: each for name, each in told.items() if name not in system},
    }


def hub_report() -> dict[str, Any]:
    return {
        "schemaVersion": "1.2",
        "version": {"version": RUNTIME_VERSION},
        "lastDesiredVersion": VERSION_MARK,
        "lastDesiredStatus": {"code": 200, "description": ""},
        "clients": {},
    }


def _module(container: Container) -> dict[str, Any]:
    settings = {**container.spec["settings"], "imageHash": container.image_hash}
    status = "running" if container.status == RUNNING else f"Exited ({container.exit_code})"
    return {
        "imagePullPolicy": "on-create",
        "env": {},
        **container.spec,
        "settings": settings,
        "runtimeStatus": container.status,
        "statusDescription": status,
        "exitCode": container.exit_code,
        "lastStartTimeUtc": container.started,
        "lastExitTimeUtc": container.exited,
        "restartCount": container.restarts,
        "lastRestartTimeUtc": container.restarted,
    }
