"""From the command line to a fleet that was read, and to the cloud that it is for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import click

from reconciler import app
from reconciler.app import Cloud, DeniedError, Fleet, Given, ProviderError, ProviderName
from reconciler.app.places import with_places
from reconciler.app.planning import Undoing, limited_to, make_plan
from reconciler.app.snapshots import Snapshot, doubted
from reconciler.cli import console, local
from reconciler.cli.clock import day
from reconciler.cli.exits import Exit, InvalidError, Stop
from reconciler.cli.options import Common, Selection
from reconciler.plan import Plan
from reconciler.source.git import RepositoryError, RevisionError


def loaded(told: Common) -> Fleet:
    try:
        fleet = app.read_fleet(told.fleet, told.settings.folder, told.environment, told.rev)
    except RepositoryError as error:
        code = Exit.USAGE if isinstance(error, RevisionError) else Exit.ERROR
        raise Stop(code, str(error), error.hint) from error
    return dated(told, fleet)


def dated(told: Common, fleet: Fleet) -> Fleet:
    """The fleet as it is today: what is ignored until a date may be over."""
    return replace(fleet, today=day(told.settings.clock.now()))


def valid(told: Common) -> Fleet:
    """A fleet without errors; otherwise the command ends after all of them were printed."""
    return checked(loaded(told))


def checked(fleet: Fleet) -> Fleet:
    """The same fleet, if it is valid."""
    if not fleet.valid or fleet.environment is None:
        console.complain(fleet.diagnostics)
        raise InvalidError(fleet.diagnostics)
    return fleet


@contextmanager
def connected(told: Common, fleet: Fleet, deadline: float = math.inf) -> Iterator[Cloud]:
    """The cloud of the fleet's environment; the local one is started and stopped again."""
    with ExitStack() as stack:
        files = stack.enter_context(app.laid_out(fleet))
        found = None
        if fleet.settings.provider is ProviderName.LOCAL:
            seed = fleet.settings.devices
            state = fleet.root / local.FOLDER
            found = stack.enter_context(
                local.running(state, files(seed) if seed else None, told.settings.environ)
            )
        given = Given(
            environ=told.settings.environ,
            files=files,
            notify=told.log.progress,
            now=told.settings.clock.now,
            sleep=told.settings.clock.sleep,
            deadline=deadline,
            learn=told.settings.redaction.learn,
            emulator=found,
        )
        try:
            connect = told.settings.connect or app.cloud
            cloud = stack.enter_context(connect(fleet, given))
            yield cloud
        except DeniedError as error:
            raise Stop(Exit.DENIED, _placed(error, fleet), error.remedy) from error
        except app.IncompleteError as error:
            raise Stop(Exit.INCOMPLETE, _placed(error, fleet), error.remedy) from error
        except ProviderError as error:
            raise Stop(Exit.ERROR, _placed(error, fleet), error.remedy) from error
        if told.verbose:
            click.echo(_requests(cloud), err=True)


def _made(fleet: Fleet, cloud: Cloud, selection: Selection) -> Plan:
    return make_plan(
        fleet,
        cloud.provider,
        retry_failed=selection.retry_failed,
        adopt=selection.adopt,
        undoing=Undoing(selection.undoes, selection.leaving),
    )


def planned(fleet: Fleet, cloud: Cloud, selection: Selection) -> Plan:
    return _part(_made(fleet, cloud, selection), selection)


def _part(whole: Plan, selection: Selection) -> Plan:
    if selection.exactly is not None:
        return limited_to(whole, selection.exactly)
    return app.part_of(whole, selection.only, selection.exclude)


def assessed(
    fleet: Fleet,
    cloud: Cloud,
    selection: Selection,
    devices: Path | None = None,
    taken: Snapshot | None = None,
) -> Plan:
    """The plan with what it does to devices, to be shown to somebody; `taken` is what was read in
    place of the live state.
    """
    given = app.DeviceFile(devices, devices.name) if devices else None
    whole = _made(fleet, cloud, selection)
    part = _part(whole, selection)
    plan = with_places(fleet, app.with_impact(whole, part, cloud.provider, given))
    if taken and not given:
        plan = doubted(taken, whole, plan)
    if given and given.problems:
        console.complain(given.problems)
        raise Stop(Exit.INVALID, f"{given.name} cannot be read; nothing was changed")
    return plan


def _placed(error: ProviderError, fleet: Fleet) -> str:
    """What went wrong, and where that is: somebody may have chosen the wrong environment."""
    settings = fleet.settings
    hub, workspace = settings.hub, settings.workspace
    names = {
        "hub": hub.host_name if hub else "",
        "workspace": workspace.name or workspace.config_file if workspace else "",
    }
    told = ", ".join(f"{what} {name}" for what, name in names.items() if name)
    return f"{error}\n  environment: {settings.name}{f' ({told})' if told else ''}"


def _requests(cloud: Cloud) -> str:
    sent = [
        f"{service} {counts['read']} read, {counts['write']} written"
        for service, counts in sorted(cloud.requests().items())
    ]
    return f"requests: {'; '.join(sent) or 'none'}"
