"""A simulated IoT Edge agent: from a manifest and what runs, to what runs next. Pure.

It pulls first and swaps afterwards, creates a module anew only when its definition differs, and
reports as the real agent does (https://github.com/Azure/iotedge, edge-agent).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from reconciler.emulator.hub import manifest, report
from reconciler.emulator.hub.behaviour import Behaviour, Mode
from reconciler.emulator.hub.history import Event, Happening
from reconciler.emulator.hub.manifest import Credential, Manifest, ManifestError, Module
from reconciler.emulator.hub.state import RUNNING, STOPPED, Container, State

PATIENCE = timedelta(seconds=61)
"""The agent waits just over a minute for a pull, then reports 500 while the pull goes on."""
RETRY = timedelta(seconds=60)
CANCELED = "The operation was canceled."
OK = 200
FAILED = 500


class PullError(Exception):
    """The registry does not give the image; the message is the registry's."""


Pull = Callable[[str, Credential | None], str]
"""Reference and credential to the image's hash; raises PullError."""


@dataclass(frozen=True)
class World:
    """What surrounds the agent at this moment."""

    now: datetime
    behaviour: Behaviour
    pull: Pull
    pull_seconds: float = 0.0


@dataclass
class Step:
    """`report` is None while there is nothing new to say; `wake_at` None means to sleep."""

    state: State
    report: dict[str, Any] | None = None
    wake_at: datetime | None = None
    happenings: list[Happening] = field(default_factory=list)

    def tell(self, event: Event, subject: str, detail: str = "") -> None:
        self.happenings.append(Happening(event, subject, detail))

    def wake(self, at: datetime) -> None:
        self.wake_at = at if self.wake_at is None else min(at, self.wake_at)


def advance(state: State, desired: Mapping[str, Any], world: World) -> Step:
    """One turn of the agent."""
    step = Step(state.copy())
    try:
        wanted = manifest.read(desired)
    except ManifestError as error:
        step.report = report.report(step.state, {}, error.code, error.description)
        return step
    problems = _pull_all(step, wanted, world)
    missing = [module for module in wanted.modules if not _is_there(step.state, module)]
    if not (missing and wanted.waits_for_all_pulls):
        _swap(step, wanted, world)
    _crash(step, wanted, world)
    _report(step, wanted, problems, world)
    return step


def _is_there(state: State, module: Module) -> bool:
    return module.image in state.images or not module.pulls


def _pull_all(step: Step, wanted: Manifest, world: World) -> list[str]:
    """Go on with every pull that is needed; returns what failed."""
    needed = {module.image: module for module in wanted.modules if module.pulls}
    step.state.pulls = {image: pull for image, pull in step.state.pulls.items() if image in needed}
    return [
        problem
        for image, module in needed.items()
        if image not in step.state.images and (problem := _pull(step, wanted, module, world))
    ]


def _pull(step: Step, wanted: Manifest, module: Module, world: World) -> str:
    """A pull that fails is tried again later; the words are the agent's."""
    pulls, image = step.state.pulls, module.image
    if image not in pulls:
        pulls[image] = (world.now, world.now + _duration(module, world))
    since, ready = pulls[image]
    if ready > world.now:
        step.wake(ready)
        return ""
    try:
        step.state.images[image] = _pulled(module, wanted, world)
    except PullError as error:
        pulls[image] = (since, world.now + RETRY)
        step.wake(world.now + RETRY)
        step.tell(Event.PULL_FAILED, module.name, image)
        return f"Could not pull image {image}, image pull failed with reason: {error}"
    del pulls[image]
    return ""


def _pulled(module: Module, wanted: Manifest, world: World) -> str:
    if world.behaviour.concerns(Mode.FAILING, module.name, system=module.system):
        raise PullError("dial tcp: i/o timeout")
    return world.pull(module.image, wanted.credential(module.image.partition("/")[0]))


def _duration(module: Module, world: World) -> timedelta:
    slow = world.behaviour.concerns(Mode.SLOW, module.name, system=module.system)
    return timedelta(seconds=world.behaviour.seconds if slow else world.pull_seconds)


def _swap(step: Step, wanted: Manifest, world: World) -> None:
    """Remove what is not wanted, then start in the order that the manifest asks for."""
    names = {module.name for module in wanted.modules}
    for name in sorted(set(step.state.containers) - names):
        _stop(step, name)
        del step.state.containers[name]
        step.tell(Event.MODULE_REMOVED, name)
    for module in sorted(wanted.modules, key=_startup):
        if _is_there(step.state, module):
            _settle(step, module, world.now)


def _startup(module: Module) -> tuple[bool, int, str]:
    return (not module.system, int(module.spec.get("startupOrder", 2**32 - 1)), module.name)


def _settle(step: Step, module: Module, now: datetime) -> None:
    """Create anew when the definition differs; only start or stop when just the status does."""
    before = step.state.containers.get(module.name)
    if before is None or before.identity != module.identity:
        if before is not None:
            _stop(step, module.name)
        image_hash = step.state.images.get(module.image, "")
        container = Container(module.identity, dict(module.spec), module.system, image_hash)
        step.state.containers[module.name] = container
    container = step.state.containers[module.name]
    container.spec = dict(module.spec)
    if module.wanted == STOPPED:
        _stop(step, module.name)
    elif container.status == STOPPED:
        container.start(now)
        step.tell(Event.MODULE_STARTED, module.name, module.image)


def _stop(step: Step, name: str) -> None:
    container = step.state.containers[name]
    if container.status != STOPPED:
        container.status = STOPPED
        step.tell(Event.MODULE_STOPPED, name)


def _crash(step: Step, wanted: Manifest, world: World) -> None:
    """Modules that exit are started again after a pause that doubles, up to five minutes."""
    for module in _running(step, wanted):
        container = step.state.containers[module.name]
        if not world.behaviour.concerns(Mode.CRASHING, module.name, system=module.system):
            if container.status != RUNNING:
                container.start(world.now)
                step.tell(Event.MODULE_STARTED, module.name, module.image)
            continue
        if container.next_start is None or container.next_start <= world.now:
            container.crash(world.now, again=module.restarts != "never")
            step.tell(Event.MODULE_CRASHED, module.name, module.image)
        if container.next_start is not None:
            step.wake(container.next_start)


def _running(step: Step, wanted: Manifest) -> Iterator[Module]:
    for module in wanted.modules:
        container = step.state.containers.get(module.name)
        if container is not None and container.status != STOPPED:
            yield module


def _report(step: Step, wanted: Manifest, problems: list[str], world: World) -> None:
    code, description = OK, ""
    if problems:
        code, description = FAILED, "One or more errors occurred. (" + " ".join(problems) + ")"
    elif step.state.pulls:
        started = min(since for since, _ in step.state.pulls.values())
        if world.now < started + PATIENCE:
            step.wake(started + PATIENCE)
            return
        code, description = FAILED, CANCELED
    step.report = report.report(step.state, wanted.runtime, code, description)
