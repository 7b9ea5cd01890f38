"""How each device stands, as a table for people and as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from reconciler.edge.reported import Health, ModuleReport, Verdict, worst
from reconciler.model import FieldPath, Value
from reconciler.plan.standing import OnDevice
from reconciler.report import words
from reconciler.report.status import cut

HEADER = ("DEVICE", "HEALTH", "BASE", "LAYERS", "APPLIED", "MODULES")
RUNNING = "running"


def concerned(
    devices: Iterable[OnDevice], ids: Collection[str]
) -> tuple[tuple[OnDevice, Health], ...]:
    """The devices that some deployments are for, and the worst that these have come to there."""
    found = ((each, tuple(_of(each, ids))) for each in devices)
    return tuple((each, worst([v for _, v in verdicts])) for each, verdicts in found if verdicts)


def table(devices: Iterable[OnDevice], ids: Collection[str]) -> str:
    found = concerned(devices, ids)
    if not found:
        return "No device.\n"
    lines = words.columns([HEADER, *(_cells(each, health) for each, health in found)])
    shown = [next(lines)]
    for (each, _), line in zip(found, lines, strict=True):
        shown += [line, *_reasons(each, ids)]
    return "".join(f"{line}\n" for line in shown)


def documents(devices: Iterable[OnDevice], ids: Collection[str]) -> tuple[Value, ...]:
    return tuple(_document(each, health, ids) for each, health in concerned(devices, ids))


def _of(device: OnDevice, ids: Collection[str]) -> Iterator[tuple[str, Verdict]]:
    return ((id_, verdict) for id_, verdict in device.verdicts.items() if id_ in ids)


def _cells(device: OnDevice, health: Health) -> tuple[str, ...]:
    applied = (device.base, *device.layers) if device.base else ()
    return (
        words.plain(device.device),
        health.value,
        words.plain(device.base) or "-",
        words.plain(", ".join(device.layers)) or "-",
        f"{len(device.applied)} of {len(applied)}",
        words.plain(_states(device)) or "-",
    )


def _states(device: OnDevice) -> str:
    """How many run, and which of them do not."""
    counts = Counter(report.status for report in device.modules.values())
    others = (
        f"{path[-1]} {report.status or 'unknown'}"
        for path, report in sorted(device.modules.items())
        if report.status != RUNNING
    )
    return ", ".join([f"{counts[RUNNING]} running", *others]) if device.modules else ""


def _reasons(device: OnDevice, ids: Collection[str]) -> Iterator[str]:
    for id_, verdict in _of(device, ids):
        for reason in verdict.reasons:
            yield f"  {cut(f'{id_}: {reason}')}"


def _document(device: OnDevice, health: Health, ids: Collection[str]) -> dict[str, Value]:
    return {
        "device": device.device,
        "health": health.value,
        "base": device.base or None,
        "layers": device.layers,
        "deployments": tuple(
            {
                "configuration": id_,
                "applied": id_ in device.applied,
                "health": verdict.health.value,
                "reasons": tuple(str(reason) for reason in verdict.reasons),
            }
            for id_, verdict in _of(device, ids)
        ),
        "modules": tuple(_module(path, device.modules[path]) for path in sorted(device.modules)),
    }


def _module(path: FieldPath, report: ModuleReport) -> dict[str, Value]:
    return {
        "name": path[-1],
        "status": report.status or None,
        "exit_code": report.exit_code,
        "restarts": report.restarts,
        "image": report.image or None,
    }
