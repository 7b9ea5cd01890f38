"""Plans that outlive the command that made them: written, read again, held against what is now."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from reconciler.app.fleet import Fleet
from reconciler.kinds.environment.spec import EnvironmentSettings, ProviderName
from reconciler.model import Scope, Spec, Value, mapping, sequence
from reconciler.plan import Plan
from reconciler.registry import SCHEMAS
from reconciler.report import json as data
from reconciler.report import saved as saving
from reconciler.report.moved import moved as told_apart
from reconciler.report.saved import Saved, UnreadableError
from reconciler.source.schemas import read_schema

__all__ = ["Saved", "UnreadableError"]


@dataclass(frozen=True, slots=True)
class Making:
    """When a plan was made, until when it may be applied, and which part was asked for."""

    timestamp: str
    expires_at: str
    selection: Mapping[str, Value]


def document(plan: Plan, fleet: Fleet, making: Making) -> data.Document:
    """A plan with all that it takes to apply it later."""
    return {
        **data.document(plan),
        "timestamp": making.timestamp,
        "expires_at": making.expires_at,
        "selection": making.selection,
        "target": target(fleet.settings),
    }


def write_plan(file: Path, body: data.Document, hide: Callable[[str], str]) -> None:
    """Write a plan so that nobody ever sees half of it, or is let in who may not look."""
    written = data.render(body)
    hidden = hide(written)
    if hidden != written:
        hidden = data.render({**mapping(saving.parsed(hidden)), "redacted": True})
    write_privately(file, hidden.encode("ascii"))


def write_privately(file: Path, content: bytes) -> None:
    """Replace a file by one that only its owner can read; what is no file is written to."""
    file = file.resolve()
    if file.exists() and not file.is_file():  # a terminal, a pipe
        file.write_bytes(content)
        return
    try:
        handle, place = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except OSError as error:
        error.filename = str(file)  # the name that was asked for, not the one in between
        raise
    try:
        with os.fdopen(handle, "wb") as temporary:  # which made it 0600
            temporary.write(content)
        Path(place).replace(file)
    except BaseException:
        Path(place).unlink()
        raise


def read_plan(file: Path) -> Saved:
    """The plan in a file; an `UnreadableError` where it holds none."""
    found = saving.read(_text(file))
    check_shape(found.body, "Plan")
    return found


def check_shape(body: Value, name: str) -> None:
    """Raise an `UnreadableError` for a document that does not satisfy its published schema."""
    for fault in read_schema(SCHEMAS, name).faults(body)[:1]:
        where = ".".join(fault.path) or "it"
        raise UnreadableError(f"this is no {name.lower()}: {where} {fault.summary}")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"this is no text: {error.reason}") from error


def unfit(saved: Saved, fleet: Fleet, now: float) -> str:
    """Why a plan is not for this fleet, this environment or this moment; empty if it is."""
    if datetime.fromtimestamp(now, timezone.utc) >= saved.expires_at:
        return f"the plan could be applied until {saved.expires_at.isoformat()}"
    ours, its = fleet.scope, Scope(saved.owner, saved.environment)
    if ours != its:
        where = [f"{scope.environment} of {scope.owner}" for scope in (its, ours)]
        return f"the plan is for the environment {where[0]}, and this is {where[1]}"
    if saved.target != (here := target(fleet.settings)):
        return f"the plan is for {_shown(saved.target)}, and this environment is {_shown(here)}"
    return ""


def _shown(services: Spec) -> str:
    return ", ".join(f"{key} {services[key]}" for key in sorted(services)) or "nothing"


def moved(saved: Saved, plan: Plan) -> tuple[str, ...]:
    """What is no longer as it was when the plan was saved, of what the plan is about."""
    fresh = data.document(plan)
    changes = tuple(map(mapping, sequence(fresh["resource_changes"])))
    return told_apart(saved.changes, changes)


def target(settings: EnvironmentSettings) -> Spec:
    """The services of an environment, by name; those on this machine have none that lasts."""
    if settings.provider is ProviderName.LOCAL:
        return {"provider": settings.provider.value}
    workspace, hub = settings.workspace, settings.hub
    names: dict[str, Value] = {"provider": settings.provider.value}
    if hub:
        names["hub"] = hub.host_name
    if workspace:
        parts = (workspace.subscription_id, workspace.resource_group, workspace.name)
        names["workspace"] = "/".join(parts) if workspace.name else workspace.config_file
    return names
