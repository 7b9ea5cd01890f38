"""A file of devices, a JSON object a line, in place of the hub's registry."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.edge.twin import Twin
from reconciler.model import Diagnostic, Origin, Severity

SHOWN = 20
"""Broken lines that are told; a file of another sort has nothing but such lines."""
HINT = 'write {"deviceId": "gw-1", "tags": {"line": 1}}, one device a line'


class _BrokenError(ValueError):
    """Why a line is no device."""


@dataclass(slots=True)
class DeviceFile:
    """Reads devices one by one; what is wrong is known when all of them were read."""

    path: Path
    name: str
    problems: list[Diagnostic] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def __iter__(self) -> Iterator[Twin]:
        with self.path.open(encoding="utf-8-sig", errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    try:
                        yield self._read(line)
                    except _BrokenError as error:
                        self._note(number, str(error))

    def _read(self, line: str) -> Twin:
        try:
            told = json.loads(line, parse_constant=_refused)
        except (ValueError, RecursionError) as error:
            raise _BrokenError(f"this is no JSON: {error}") from error
        if not isinstance(told, dict):
            raise _BrokenError("a device is an object")
        device = told.get("deviceId") or told.get("id")
        if not isinstance(device, str):
            raise _BrokenError("it has no deviceId")
        if device in self._seen:
            raise _BrokenError(f"{device} is there twice")
        self._seen.add(device)
        edge = told.get("edge", True)
        connected = told.get("connected")
        return Twin(
            device,
            edge is True,
            _section(told, "tags"),
            _section(told, "reported"),
            connected if isinstance(connected, bool) else None,
        )

    def _note(self, line: int, summary: str) -> None:
        if len(self.problems) < SHOWN:
            origin = Origin(self.name, line)
            problem = Diagnostic(Severity.ERROR, "devices.line", summary, HINT, None, origin)
            self.problems.append(problem)


def _section(told: Mapping[str, object], name: str) -> Mapping[str, object]:
    section = told.get(name)
    if section is None:
        return {}
    if not isinstance(section, Mapping):
        raise _BrokenError(f"{name} are no object")
    return section


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no number")
