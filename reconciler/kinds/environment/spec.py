"""What an Environment is: where a fleet is applied, and how much one run may change there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase

from reconciler.model import (
    Contents,
    Fault,
    FieldPath,
    FieldRule,
    FileUse,
    Kind,
    Spec,
    Value,
    mapping,
    sequence,
    text,
)

DELETES: Spec = {"max": 5, "percent": 20}
REPLACES: Spec = {"max": 20, "percent": 50}
DEVICES: Spec = {"max": 1_000_000, "percent": 100}
"""No limit: a hub holds no more, and a fleet begins with all of its devices."""
LEASE_SECONDS = 30


class ProviderName(Enum):
    LOCAL = "local"  # the emulator on this machine
    AZURE = "azure"


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """The names of a workspace, or the file that holds them; empty where not given."""

    subscription_id: str = ""
    resource_group: str = ""
    name: str = ""
    config_file: str = ""


@dataclass(frozen=True, slots=True)
class HubSettings:
    host_name: str = ""
    connection_string: str = ""
    """The name of the environment variable that holds it; empty for the signed-in identity."""
    max_configurations: int = 0
    """How many configurations it holds; 0 for as many as a hub usually does."""
    units: int = 0
    """What it was scaled to; 0 where nothing is said of it."""


@dataclass(frozen=True, slots=True)
class GuardSettings:
    max: int
    percent: float
    """Applies above ten objects."""


@dataclass(frozen=True, slots=True)
class PolicySettings:
    prune: bool
    deletes: GuardSettings
    replaces: GuardSettings
    devices: GuardSettings
    """Devices whose effective manifest changes."""
    lease_seconds: float
    """How long a run that shows no sign of life keeps others out."""
    delete_devices: bool = False
    """Whether prune deletes identities of devices, too."""


@dataclass(frozen=True, slots=True)
class IgnoreSettings:
    """A difference that is left alone for a while."""

    match: str
    """A KIND/NAME glob."""
    until: str
    """The first day on which it counts again, as `2026-12-31`."""
    paths: tuple[FieldPath, ...]
    """Fields of the spec; none for all of them."""


@dataclass(frozen=True, slots=True)
class EnvironmentSettings:
    """A normalized Environment, typed."""

    name: str
    provider: ProviderName
    owner: str
    """Empty where reconciler.yaml says it."""
    workspace: WorkspaceSettings | None
    hub: HubSettings | None
    variables: Mapping[str, Value]
    secrets: tuple[str, ...]
    """Patterns of the environment variables that documents may ask for."""
    registries: tuple[str, ...]
    policy: PolicySettings
    devices: str
    """The file that seeds the emulator, or empty."""
    ignores: tuple[IgnoreSettings, ...] = ()


def settings(name: str, spec: Spec) -> EnvironmentSettings:
    """A typed view of a normalized spec; its paths are relative to the repository's root."""
    policy = mapping(spec["policy"])
    return EnvironmentSettings(
        name=name,
        provider=ProviderName(spec["provider"]),
        owner=text(spec.get("owner")),
        workspace=_workspace(mapping(spec["workspace"])) if "workspace" in spec else None,
        hub=_hub(mapping(spec["hub"])) if "hub" in spec else None,
        variables=mapping(spec["variables"]),
        secrets=_texts(mapping(spec["secrets"])["allow"]),
        registries=_texts(spec["registries"]),
        policy=PolicySettings(
            policy["prune"] is True,
            _guard(policy["deletes"]),
            _guard(policy["replaces"]),
            _guard(policy["devices"]),
            _number(policy["leaseSeconds"]),
            policy["deleteDevices"] is True,
        ),
        devices=text(mapping(spec["local"]).get("devices")),
        ignores=tuple(_ignore(mapping(rule)) for rule in sequence(spec.get("ignore"))),
    )


def allows(patterns: Iterable[str], variable: str) -> bool:
    """Whether documents may ask for an environment variable; `*` stands for any characters."""
    return any(fnmatchcase(variable, pattern) for pattern in patterns)


def files(spec: Spec) -> Iterator[FileUse]:
    """The emulator's devices are in git; the workspace's file is often written by CI."""
    if path := text(mapping(spec.get("workspace")).get("configFile")):
        yield FileUse(("workspace", "configFile"), path, folder=False, optional=True)
    if path := text(mapping(spec.get("local")).get("devices")):
        yield FileUse(("local", "devices"), path, folder=False)


def check(_name: str, spec: Spec, _contents: Contents) -> Iterator[Fault]:
    variable = _hub(mapping(spec.get("hub"))).connection_string
    if variable and not allows(_texts(mapping(spec.get("secrets")).get("allow")), variable):
        yield Fault(
            ("hub", "connectionString", "secretRef", "env"),
            "secret.forbidden",
            f"this environment does not allow the variable {variable}",
            f"add {variable} to spec.secrets.allow",
        )
    if spec["provider"] == ProviderName.AZURE.value:
        for field in ("workspace", "hub"):
            if field not in spec:
                yield Fault(
                    (),
                    "environment.incomplete",
                    f"provider azure needs spec.{field}",
                    f"add spec.{field}, or use provider: local",
                )
        if "hub" in spec and "hostName" not in mapping(spec["hub"]):
            yield Fault(
                ("hub",),
                "environment.incomplete",
                "provider azure needs spec.hub.hostName",
                "name the hub, so that no other one can be changed by mistake",
            )


def normalize(spec: Spec, contents: Contents) -> Spec:
    """Defaults filled in; paths of files made relative to the repository's root."""
    policy = mapping(spec.get("policy"))
    found = {path: content.path for path, content in contents.items()}
    normalized: dict[str, Value] = {
        **spec,
        "variables": spec.get("variables", {}),
        "secrets": {"allow": mapping(spec.get("secrets")).get("allow", ())},
        "registries": tuple(sorted(name.lower() for name in _texts(spec.get("registries")))),
        "policy": {
            "prune": policy.get("prune", False),
            "deleteDevices": policy.get("deleteDevices", False),
            "deletes": {**DELETES, **mapping(policy.get("deletes"))},
            "replaces": {**REPLACES, **mapping(policy.get("replaces"))},
            "devices": {**DEVICES, **mapping(policy.get("devices"))},
            "leaseSeconds": policy.get("leaseSeconds", LEASE_SECONDS),
        },
        "local": mapping(spec.get("local")),
    }
    for (outer, inner), path in found.items():
        normalized[outer] = {**mapping(normalized[outer]), inner: path}
    return normalized


def _workspace(spec: Spec) -> WorkspaceSettings:
    fields = ("subscriptionId", "resourceGroup", "name", "configFile")
    return WorkspaceSettings(*(text(spec.get(field)) for field in fields))


def _hub(spec: Spec) -> HubSettings:
    reference = mapping(mapping(spec.get("connectionString")).get("secretRef"))
    return HubSettings(
        text(spec.get("hostName")),
        text(reference.get("env")),
        int(_number(spec.get("maxConfigurations"))),
        int(_number(spec.get("units"))),
    )


def _guard(value: Value) -> GuardSettings:
    limits = mapping(value)
    return GuardSettings(int(_number(limits["max"])), _number(limits["percent"]))


def _ignore(rule: Spec) -> IgnoreSettings:
    match = mapping(rule.get("match"))
    paths = (text(path).lstrip("/").split("/") for path in sequence(rule.get("paths")))
    return IgnoreSettings(
        f"{text(match.get('kind'))}/{text(match.get('name'))}",
        text(rule.get("until")),
        tuple(tuple(_unescaped(step) for step in path) for path in paths),
    )


def _unescaped(step: str) -> str:
    """A step of a JSON Pointer: https://www.rfc-editor.org/rfc/rfc6901#section-3"""
    return step.replace("~1", "/").replace("~0", "~")


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _texts(value: Value) -> tuple[str, ...]:
    items: Iterable[Value] = sequence(value)
    return tuple(item for item in items if isinstance(item, str))


KIND = Kind(
    name="Environment",
    rules={},
    otherwise=FieldRule.IGNORE,
    files=files,
    check=check,
    normalize=normalize,
    managed=lambda _spec: False,
)
