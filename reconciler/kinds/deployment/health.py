"""Whether a deployment is done on a device: from what it wants and what the agent reports.

The hub's own counts do not say it. Code 200 is also reported when a module crashes after its
start, and 500 while a large image is being pulled
(https://github.com/Azure/iotedge/blob/main/doc/reported_states_during_deployment.md); so every
module is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.edge.reported import (
    AgentTwin,
    Connection,
    Health,
    ModuleReport,
    Reason,
    Verdict,
)
from reconciler.edge.shape import at
from reconciler.model import FieldPath, Value, text

OK = 200
REFUSED = frozenset({400, 412})
"""The agent cannot read the manifest, and nothing of it will happen."""
PASSING = frozenset({406, 417})
"""Seen for a moment when an agent starts again."""
ERROR = 500
PULLING = ("operation was canceled", "task was canceled")
"""How the agent says that it no longer waits for a pull, which goes on."""
PULL_FAILED = "Could not pull image"
WRAPPED = "One or more errors occurred. ("

Wanted = Mapping[FieldPath, Value]
"""The modules that a deployment gives a device, as the manifest has them, by their path."""


def judged(wanted: Wanted, twin: AgentTwin, *, applied: bool) -> Verdict:
    """`applied`: whether the hub says so."""
    found = _judged(wanted, twin, applied=applied)
    if twin.connection is not Connection.DISCONNECTED:
        return found
    last = "; ".join(str(reason) for reason in found.reasons) or found.health.value
    return Verdict(Health.OFFLINE, (Reason("not connected", f"last seen: {last}"),))


def _judged(wanted: Wanted, twin: AgentTwin, *, applied: bool) -> Verdict:
    if why := _unheard(twin, applied=applied):
        return Verdict(Health.PENDING, (Reason(why),))
    if twin.code in REFUSED:
        refused = Reason(f"its agent refuses the manifest (code {twin.code})", twin.description)
        return Verdict(Health.FAILING, (refused,))
    problems = [problem for path in sorted(wanted) for problem in _module(path, wanted, twin)]
    if not problems:
        return Verdict(Health.HEALTHY)
    failing = tuple(reason for health, reason in problems if health is Health.FAILING)
    if failing:
        return Verdict(Health.FAILING, failing)
    return Verdict(Health.PENDING, tuple(reason for _, reason in problems))


def _unheard(twin: AgentTwin, *, applied: bool) -> str:
    """Why what the agent reports says nothing of this deployment yet; empty if it does."""
    if not applied:
        return "the hub has not applied it yet"
    if twin.silent:
        return "its agent has never reported"
    if twin.wanted_version is not None and twin.taken_version != twin.wanted_version:
        return "its agent has not reported since it was applied"
    return ""


def _module(path: FieldPath, wanted: Wanted, twin: AgentTwin) -> Iterator[tuple[Health, Reason]]:
    """What is not as it should be with one module; nothing if all is."""
    name, want, have = path[-1], wanted[path], twin.modules.get(path)
    image = text(at(want, "settings", "image")).strip()
    if have is None:
        yield _missing(name, image, twin)
    elif image and have.image and have.image != image:
        health, reason = _missing(name, image, twin)
        yield health, Reason(reason.text, f"still runs {have.image}")
    elif trouble := _trouble(want, have):
        yield trouble[0], Reason(f"{name}: {trouble[1]}", _restarts(have))


def _missing(name: str, image: str, twin: AgentTwin) -> tuple[Health, Reason]:
    """Why a module does not run as it is wanted, as far as the agent says."""
    told = twin.description
    if twin.code in PASSING or any(words in told for words in PULLING):
        return Health.PENDING, Reason(f"{name}: {image} is still being pulled")
    if twin.code == ERROR and (image in told or PULL_FAILED not in told):
        inner = told.removeprefix(WRAPPED).removesuffix(")") if told.startswith(WRAPPED) else told
        return Health.FAILING, Reason(f"{name}: {inner or 'its agent reports an error'}")
    if twin.code == ERROR:  # for another module's sake
        return Health.PENDING, Reason(f"{name}: {image} does not run yet")
    return Health.FAILING, Reason(f"{name}: its agent does not run {image}")


def _trouble(want: Value, have: ModuleReport) -> tuple[Health, str] | None:
    """What is wrong with the state of a module that has the right image."""
    stopped = text(at(want, "status")) == "stopped"
    match have.status:
        case "running":
            return (Health.PENDING, "running, and is to stop") if stopped else None
        case "stopped":
            return None if stopped or _may_end(want, have) else (Health.FAILING, _said(have))
        case "" | "unknown":
            return Health.PENDING, "its state is not known"
        case _:
            return Health.FAILING, _said(have)


def _may_end(want: Value, have: ModuleReport) -> bool:
    """Whether a module that ended well is left alone: only `always` has it started again."""
    return text(at(want, "restartPolicy")) not in {"", "always"} and have.exit_code == 0


def _said(have: ModuleReport) -> str:
    code = "" if have.exit_code is None else f", exit code {have.exit_code}"
    return f"{have.status}{code}"


def _restarts(have: ModuleReport) -> str:
    if not have.restarts:
        return ""
    return f"restarted {have.restarts} time{'' if have.restarts == 1 else 's'}"
