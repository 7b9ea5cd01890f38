"""What the agent of a device reports of itself and of its modules, and what that comes to.

https://learn.microsoft.com/azure/iot-edge/module-edgeagent-edgehub#edgeagent-reported-properties.
Any part of it may be missing: an agent that never ran has reported nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from reconciler.edge.render import AGENT, DESIRED
from reconciler.edge.shape import at
from reconciler.model import FieldPath, Spec, Value, mapping, text

SYSTEM = ("edgeAgent", "edgeHub")
"""The modules of the runtime, which stand apart from all others."""


class Connection(Enum):
    CONNECTED = "Connected"
    DISCONNECTED = "Disconnected"
    UNKNOWN = ""


class Health(Enum):
    """What a deployment has come to on a device that it is for."""

    HEALTHY = "healthy"
    FAILING = "failing"
    PENDING = "pending"
    """It is on its way, or the device has not said anything of it yet."""
    OFFLINE = "offline"
    """Not connected: what it last said is no news."""
    IDLE = "idle"
    """It matches and has no effect: another base outranks it, or it is not above the base."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Devices with the same `text` are counted together; `detail` differs from one to another."""

    text: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.text}, {self.detail}" if self.detail else self.text


@dataclass(frozen=True, slots=True)
class Verdict:
    health: Health
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class ModuleReport:
    """One module, as its agent sees it; what was not said is empty or None."""

    status: str = ""
    exit_code: int | None = None
    restarts: int = 0
    image: str = ""


@dataclass(frozen=True, slots=True)
class AgentTwin:
    """As much of an agent's twin as health is judged by."""

    device: str
    connection: Connection = Connection.UNKNOWN
    configurations: Mapping[str, str] = field(default_factory=dict)
    """By the id of a deployment: whether the hub has applied it, or only means to."""
    wanted_version: int | None = None
    """Of the desired properties that the hub holds."""
    taken_version: int | None = None
    """Of those that the agent has last worked on."""
    code: int | None = None
    """What became of that, in the words of HTTP."""
    description: str = ""
    modules: Mapping[FieldPath, ModuleReport] = field(default_factory=dict)
    """By `modules` or `systemModules` and name."""

    @property
    def silent(self) -> bool:
        """Whether it has never reported anything."""
        return self.taken_version is None and self.code is None and not self.modules

    @property
    def applied(self) -> frozenset[str]:
        return frozenset(id_ for id_, status in self.configurations.items() if status == "Applied")


def agent_twin(document: Spec) -> AgentTwin:
    """Read a twin, or a row of one, in the shape of the hub's."""
    reported = at(document, "properties", "reported")
    status = at(reported, "lastDesiredStatus")
    configurations = mapping(document.get("configurations"))
    return AgentTwin(
        device=text(document.get("deviceId")),
        connection=_connection(document.get("connectionState")),
        configurations={id_: text(at(told, "status")) for id_, told in configurations.items()},
        wanted_version=_number(at(document, "properties", "desired", "$version")),
        taken_version=_number(at(reported, "lastDesiredVersion")),
        code=_number(at(status, "code")),
        description=text(at(status, "description")),
        modules=dict(_modules(reported)),
    )


def module_path(name: str) -> FieldPath:
    """Where in an agent's twin a module stands."""
    return ("systemModules" if name in SYSTEM else "modules", name)


def speaks_to_agent(content: Spec) -> bool:
    """Whether a deployment sets anything in `$edgeAgent`.

    One that does not is never `Applied` there, only in the twins that it writes to
    (https://github.com/Azure/iotedge/issues/5299).
    """
    agent = mapping(content.get(AGENT))
    return any(key == DESIRED or key.startswith(f"{DESIRED}.") for key in agent)


def worst(verdicts: Sequence[Verdict]) -> Health:
    """Of a device, from all deployments that have an effect on it."""
    order = (Health.OFFLINE, Health.FAILING, Health.PENDING, Health.HEALTHY)
    there = {verdict.health for verdict in verdicts}
    return next((health for health in order if health in there), Health.IDLE)


def _modules(reported: Value) -> Iterator[tuple[FieldPath, ModuleReport]]:
    for section in ("systemModules", "modules"):
        for name, told in sorted(mapping(at(reported, section)).items()):
            yield (
                (section, name),
                ModuleReport(
                    text(at(told, "runtimeStatus")),
                    _number(at(told, "exitCode")),
                    _number(at(told, "restartCount")) or 0,
                    text(at(told, "settings", "image")).strip(),
                ),
            )


def _connection(value: Value) -> Connection:
    known = {each.value: each for each in Connection}
    return known.get(text(value), Connection.UNKNOWN)


def _number(value: Value) -> int | None:
    """Whole numbers come as such or, from some clients, with a point."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value)
