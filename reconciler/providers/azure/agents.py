"""Reads what the agents of all devices report: one query, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.edge.condition import path_text
from reconciler.edge.reported import AgentTwin, agent_twin, module_path
from reconciler.model import FieldPath
from reconciler.providers.azure.fault import told
from reconciler.providers.azure.projection import LONGEST, put
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.values import Entry, entry, fields

SOURCE = "FROM devices.modules WHERE moduleId = '$edgeAgent'"
OTHERS = "SELECT deviceId, configurations FROM devices.modules WHERE moduleId != '$edgeAgent'"
REPORTED = ("properties", "reported")
ALWAYS: Mapping[str, FieldPath] = {
    "connectionState": ("connectionState",),
    "configurations": ("configurations",),
    "wanted": ("properties", "desired", "$version"),
    "taken": (*REPORTED, "lastDesiredVersion"),
    "came": (*REPORTED, "lastDesiredStatus"),
}
WHOLE: Mapping[str, FieldPath] = {
    "modules": (*REPORTED, "modules"),
    "systemModules": (*REPORTED, "systemModules"),
}
OF_MODULE: Sequence[FieldPath] = (
    ("runtimeStatus",),
    ("exitCode",),
    ("restartCount",),
    ("settings", "image"),
)


@dataclass(frozen=True, slots=True)
class HubAgents:
    """The twins of `$edgeAgent`, as the index of queries has them, which lags behind."""

    session: AzureSession

    @told()
    def __call__(self, modules: Sequence[str]) -> tuple[AgentTwin, ...]:
        wanted = _short_enough(modules)
        rows = self.session.hub.query(query(wanted))
        return tuple(agent_twin(fields(_twin(row, wanted))) for row in rows)

    @told()
    def elsewhere(self, deployments: Sequence[str]) -> frozenset[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for text in _queries(deployments):
            for row in self.session.hub.query(text):
                found.update((str(row["deviceId"]), id_) for id_ in _applied(row))
        return frozenset(found)


def query(wanted: Mapping[str, FieldPath]) -> str:
    columns = [f"{_path(path)} AS {name}" for name, path in wanted.items()]
    return f"SELECT {', '.join(['deviceId', *columns])} {SOURCE}"


def _short_enough(modules: Sequence[str]) -> Mapping[str, FieldPath]:
    """Field by field: agents echo the whole manifest. All of it where there are many modules."""
    paths = [(*REPORTED, *module_path(name), *inner) for name in modules for inner in OF_MODULE]
    wanted = {**ALWAYS, **{f"f{at}": path for at, path in enumerate(paths)}}
    return wanted if len(query(wanted).encode()) <= LONGEST else {**ALWAYS, **WHOLE}


def _queries(deployments: Sequence[str]) -> Iterator[str]:
    """As few as are needed to ask for all of them."""
    terms: list[str] = []
    for id_ in deployments:
        term = f"configurations.[[{id_}]].status = 'Applied'"
        if terms and len(f"{OTHERS} AND ({' OR '.join([*terms, term])})".encode()) > LONGEST:
            yield f"{OTHERS} AND ({' OR '.join(terms)})"
            terms = []
        terms.append(term)
    if terms:
        yield f"{OTHERS} AND ({' OR '.join(terms)})"


def _path(path: FieldPath) -> str:
    """`$version` is a name of the hub's own, which stands without brackets."""
    return ".".join(step if step.startswith("$") else path_text((step,)) for step in path)


def _twin(row: Entry, wanted: Mapping[str, FieldPath]) -> Entry:
    found: dict[str, Any] = {"deviceId": row.get("deviceId")}
    for name, path in wanted.items():
        if name in row:
            put(found, path, row[name])
    return found


def _applied(row: Entry) -> Iterable[str]:
    configurations = entry(row.get("configurations"))
    return (id_ for id_, of in configurations.items() if entry(of).get("status") == "Applied")
