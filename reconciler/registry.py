"""The one place that knows every kind and every backend. Adding either is a few lines here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.kinds.deployment.spec import KIND as DEPLOYMENT
from reconciler.kinds.device.spec import KIND as DEVICE
from reconciler.kinds.device_group.spec import KIND as DEVICE_GROUP
from reconciler.kinds.environment.spec import KIND as ENVIRONMENT
from reconciler.kinds.environment.spec import EnvironmentSettings, ProviderName
from reconciler.kinds.image.spec import KIND as IMAGE
from reconciler.kinds.model.spec import KIND as MODEL
from reconciler.kinds.registry_credential.spec import KIND as REGISTRY_CREDENTIAL
from reconciler.model import Kinds, Origin, Scope, Secret

if TYPE_CHECKING:
    from reconciler.plan import Policy
    from reconciler.plan.ignore import Ignore
    from reconciler.providers.azure.connection import Connection
    from reconciler.providers.azure.workspace.process import Start
    from reconciler.providers.port import Handler, Notify, Provider

# In a checkout the schemas stand beside the package, in a wheel inside it.
_INSIDE = Path(__file__).parent / "schemas"
SCHEMAS = _INSIDE if _INSIDE.is_dir() else Path(__file__).parents[1] / "schemas"

KINDS: Kinds = {
    kind.name: kind
    for kind in (ENVIRONMENT, MODEL, IMAGE, REGISTRY_CREDENTIAL, DEVICE, DEVICE_GROUP, DEPLOYMENT)
}


@dataclass(frozen=True, slots=True)
class Given:
    """What a backend gets from whoever runs it."""

    environ: Mapping[str, str]
    """Where `secretRef: {env: NAME}` is looked up."""
    files: Callable[[str], Path]
    """From a path in the repository to one on this machine."""
    notify: Notify
    now: Callable[[], float]
    """Seconds since the epoch."""
    sleep: Callable[[float], None]
    deadline: float = float("inf")
    """When the run must be over, on the clock of `now`."""
    emulator: Mapping[str, Any] | None = None
    """The content of a running emulator's `connection.json`, for `provider: local`."""
    learn: Callable[[Secret], None] = lambda _secret: None
    """Told of every secret that is read, so that nothing repeats it."""
    answer_seconds: float = 60.0
    """How long a service may take for one answer."""
    worker: Start | None = None
    """How the process is started that holds the Azure ML SDK; None for the usual way."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """A provider that is connected, and what was sent to it so far."""

    provider: Provider
    requests: Callable[[], Mapping[str, Mapping[str, int]]]
    """`{"hub": {"read": 1, "write": 0}}`, by service."""
    request_ids: Callable[[], tuple[str, ...]]
    """What the services call the writes, for whoever must ask their support."""


@contextmanager
def azure(
    environment: EnvironmentSettings, scope: Scope, commit: str, given: Given
) -> Iterator[Cloud]:
    """The Azure services or the emulator, which differ in address and credential alone."""
    # Imported here because not every command needs a cloud, and some of this takes its time.
    from reconciler.kinds.deployment.azure import DeploymentHandler
    from reconciler.kinds.device.azure import DeviceHandler
    from reconciler.kinds.device_group.azure import DeviceGroupHandler
    from reconciler.kinds.image.azure import ImageHandler
    from reconciler.kinds.model.azure import ModelHandler
    from reconciler.kinds.registry_credential import azure as credentials
    from reconciler.providers.azure.agents import HubAgents
    from reconciler.providers.azure.devices import HubDevices
    from reconciler.providers.azure.identities import Identities
    from reconciler.providers.azure.lease import HubLeases
    from reconciler.providers.azure.marks import Scribe
    from reconciler.providers.azure.patience import Patience
    from reconciler.providers.azure.session import AzureSession
    from reconciler.providers.azure.surroundings import Allowed, Surroundings
    from reconciler.providers.port import Provider

    for name, value in given.environ.items():
        if any(fnmatchcase(name, pattern) for pattern in environment.secrets):
            given.learn(Secret(value))
    patience = Patience(
        given.now, given.sleep, deadline=given.deadline, answer=given.answer_seconds
    )
    session = AzureSession(
        _connection(environment, given),
        Scribe(scope, commit),
        Surroundings(
            given.environ,
            given.files,
            given.notify,
            patience,
            given.worker,
            _units(environment),
            given.learn,
        ),
        Allowed(
            environment.secrets,
            environment.registries,
            environment.policy.prune,
            environment.policy.delete_devices,
        ),
    )
    handlers: dict[str, Handler] = {
        MODEL.name: ModelHandler(session),
        IMAGE.name: ImageHandler(session),
        REGISTRY_CREDENTIAL.name: credentials.RegistryCredentialHandler(session),
        DEVICE.name: DeviceHandler(session),
        DEVICE_GROUP.name: DeviceGroupHandler(session),
        DEPLOYMENT.name: DeploymentHandler(session),
    }
    try:
        leases = HubLeases(session, scope.environment)
        provider = Provider(
            "azure",
            handlers,
            session.tally.total,
            session.reading,
            leases,
            HubDevices(session),
            HubAgents(session),
            Identities(session).login,
        )
        yield Cloud(provider, session.tally.counts, session.tally.ids)
    finally:
        session.close()


def _units(environment: EnvironmentSettings) -> int:
    """Of the hub, whose rates count: an emulated one has none, unless it is said to."""
    told = environment.hub.units if environment.hub else 0
    return told or (1 if environment.provider is ProviderName.AZURE else 0)


def _connection(environment: EnvironmentSettings, given: Given) -> Connection:
    from reconciler.providers.azure.connection import (
        Connection,
        HubAddress,
        WorkspaceAddress,
        emulated,
    )
    from reconciler.providers.port import UnavailableError

    if given.emulator is not None:
        return emulated(given.emulator)
    hub, workspace = environment.hub, environment.workspace
    if hub is None:
        raise UnavailableError("the environment names no hub", "add spec.hub to the environment")
    config = workspace.config_file if workspace else ""
    return Connection(
        hub=HubAddress(hub.host_name, _hub_key(hub.host_name, hub.connection_string, given)),
        workspace=WorkspaceAddress(
            workspace.subscription_id,
            workspace.resource_group,
            workspace.name,
            str(given.files(config)) if config else "",
        )
        if workspace
        else None,
    )


def _hub_key(host: str, variable: str, given: Given) -> Secret | None:
    """The connection string, if it is for the hub that the environment names."""
    from reconciler.providers.port import UnavailableError

    if not variable:
        return None
    text = given.environ.get(variable, "").strip().rstrip(";")
    if not text:
        raise UnavailableError(
            f"the hub's connection string is not available: {variable} is not set",
            f"set {variable}, or leave hub.connectionString out to use your Azure identity",
        )
    fields = dict(part.partition("=")[::2] for part in text.split(";"))
    named = fields.get("HostName", "")
    if not named:
        raise UnavailableError(
            f"{variable} holds no connection string of a hub: it has no HostName",
            "copy it again from the hub: az iot hub connection-string show",
        )
    if named.lower() != host.lower():
        raise UnavailableError(
            f"{variable} is for another hub ({named}) than the environment ({host})",
            "choose the environment that belongs to this connection string",
        )
    return Secret(text)


def ignores(environment: EnvironmentSettings | None, origin: Origin | None) -> tuple[Ignore, ...]:
    """What people agreed to leave alone, in the words of a plan."""
    from reconciler.plan.ignore import Ignore

    return tuple(
        Ignore(rule.match, rule.until, rule.paths, origin)
        for rule in (environment.ignores if environment else ())
    )


def policy(environment: EnvironmentSettings | None) -> Policy:
    """What the environment allows, in the words of a plan."""
    from reconciler.plan import Limit, Policy

    if environment is None:
        return Policy()
    deletes, replaces = environment.policy.deletes, environment.policy.replaces
    devices = environment.policy.devices
    most = environment.hub.max_configurations if environment.hub else 0
    return Policy(
        capacity={DEPLOYMENT.name: most} if most else {},
        prune=environment.policy.prune,
        kept=frozenset() if environment.policy.delete_devices else frozenset({DEVICE.name}),
        deletes=Limit(deletes.max, deletes.percent),
        replaces=Limit(replaces.max, replaces.percent),
        devices=Limit(devices.max, devices.percent),
    )
