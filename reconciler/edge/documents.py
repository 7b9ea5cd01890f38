"""The documents that an imported manifest becomes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.edge.defaults import BASE
from reconciler.edge.placeholder import Variables
from reconciler.edge.render import Login
from reconciler.model import Spec, Value, digest, mapping, short

API_VERSION = "reconciler/v1"
EVERY_DEVICE = "*"
NO_GROUP = "choose-a-group"
NAME_LENGTH = 63

_ORDER = (
    "type",
    "group",
    "priority",
    "schemaVersions",
    "runtime",
    "registryCredentials",
    "edgeAgent",
    "edgeHub",
    "modules",
    "twins",
    "routes",
    "storeAndForward",
    "mqttBroker",
    "edgeAgentProperties",
    "edgeHubProperties",
    "metrics",
    "labels",
)
_MODULE_ORDER = (
    "image",
    "version",
    "type",
    "status",
    "restartPolicy",
    "imagePullPolicy",
    "startupOrder",
    "env",
    "createOptions",
    "desiredProperties",
    "desiredPropertySections",
)


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a fleet, and what a person should know about it."""

    kind: str
    name: str
    spec: Spec
    comments: tuple[str, ...] = ()

    @property
    def value(self) -> Spec:
        """The whole document."""
        return {
            "apiVersion": API_VERSION,
            "kind": self.kind,
            "metadata": {"name": self.name},
            "spec": self.spec,
        }


@dataclass(frozen=True, slots=True)
class Sources:
    """What documents are made from."""

    name: str
    origin: str
    spec: Spec
    """Without defaults and group; a credential is called by its label."""
    condition: str
    says_priority: bool
    logins: Mapping[str, Login]
    variables: Variables
    secrets: Mapping[str, str]
    """By credential label, the environment variable for its password."""


def plain_name(text: str) -> str:
    """A name for a document: letters, digits, - and _, and short enough for every kind."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-_")[:NAME_LENGTH].strip("-_")


def documents(sources: Sources) -> tuple[Document, ...]:
    """A Deployment, its RegistryCredentials, and the DeviceGroup if its condition is known."""
    return (*_group(sources), *_credentials(sources), _deployment(sources))


def _deployment(sources: Sources) -> Document:
    group = _name(sources, "devices") if sources.condition.strip() else NO_GROUP
    spec = {**sources.spec, "group": group}
    if "registryCredentials" in spec:
        spec["registryCredentials"] = _references(sources)
    for field in ("modules", "twins"):
        if field in spec:
            told = mapping(spec[field]).items()
            spec[field] = {name: _ordered(module, _MODULE_ORDER) for name, module in told}
    for field in ("edgeAgent", "edgeHub"):
        if field in spec:
            spec[field] = _ordered(spec[field], _MODULE_ORDER)
    ordered = mapping(_ordered(spec, _ORDER))
    return Document("Deployment", sources.name, ordered, tuple(_comments(sources, group)))


def _comments(sources: Sources, group: str) -> Iterator[str]:
    yield f"Imported from {sources.origin}."
    if group == NO_GROUP:
        yield "The manifest does not say for which devices it is: name a DeviceGroup in `group`."
    if not sources.says_priority:
        kind = "base" if sources.spec["type"] == BASE else "layer"
        yield f"It does not say its priority either: this is a first guess for a {kind}."
    if placeholders := sources.variables.placeholders:
        yield "Its placeholders became variables. Give them values in the Environment:"
        yield "  variables:"
        for name in placeholders:
            yield f"    {name}: ...   # {placeholders[name]}"


def _group(sources: Sources) -> Iterator[Document]:
    if sources.condition.strip():
        name = _name(sources, "devices")
        spec: Spec = {"targetCondition": sources.condition}
        if sources.condition.strip() == EVERY_DEVICE:
            spec = {**spec, "allowAll": True}
        yield Document("DeviceGroup", name, spec, (f"Imported from {sources.origin}.",))


def _credentials(sources: Sources) -> Iterator[Document]:
    names = _credential_names(sources)
    for label, login in sources.logins.items():
        variable = sources.secrets[label]
        comments = (
            f"Imported from {sources.origin}, without the password.",
            f"Put that into the environment variable {variable}, and name it in the Environment:",
            "  secrets: {allow: [" + variable + "]}",
        )
        spec = {
            "loginServer": login.address,
            "username": login.username,
            "password": {"secretRef": {"env": variable}},
        }
        yield Document("RegistryCredential", names[label], spec, comments)


def _references(sources: Sources) -> Value:
    """Credentials by label; a label that is a placeholder can only be kept as a value."""
    names = _credential_names(sources)
    told = {label: sources.variables.text(label) for label in names}
    if all(label == told[label] for label in names):
        return names
    return tuple({"label": told[label], "name": name} for label, name in names.items())


def _credential_names(sources: Sources) -> Mapping[str, str]:
    """By label; labels that differ only in what a name cannot hold get different names."""
    names: dict[str, str] = {}
    for label in sources.logins:
        name = _name(sources, label)
        names[label] = _name(sources, f"{label}-{len(names)}") if name in names.values() else name
    return names


def _name(sources: Sources, of: str) -> str:
    """A name for what belongs to the deployment; a digest stands for what does not fit."""
    whole = f"{sources.name}-{plain_name(of)}".rstrip("-_")
    if len(whole) <= NAME_LENGTH:
        return whole
    mark = short(digest(whole))
    return f"{whole[: NAME_LENGTH - len(mark) - 1].rstrip('-_')}-{mark}"


def _ordered(value: Value, order: tuple[str, ...]) -> Value:
    told = mapping(value)
    known = {key: told[key] for key in order if key in told}
    return {**known, **{key: told[key] for key in told if key not in known}}
