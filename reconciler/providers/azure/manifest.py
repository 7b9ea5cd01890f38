"""What is secret in the content of a deployment: taken out when read, put in when sent.

The hub returns passwords in clear. They leave this file only as `Secret`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from reconciler.model import MASK, Secret, Spec, Value
from reconciler.providers.azure.values import fields
from reconciler.providers.port import UnavailableError

FIELD = "password"
CREDENTIALS = "registryCredentials"


def masked(content: object) -> Spec:
    """The modules' content without its passwords: what may be compared and shown."""
    return _with(_modules(content), lambda _label, _value: MASK)


def passwords(content: object) -> Mapping[str, Secret]:
    """By the label that a registry's credential has in the manifest."""
    return {label: Secret(text) for label, text in _passwords(_modules(content), "")}


def complete(content: object, secrets: Mapping[str, Secret]) -> Spec:
    """The content with each masked password replaced, by label."""

    def reveal(label: str, value: Value) -> Value:
        if value != MASK:
            return value
        if not secrets.get(label):
            raise UnavailableError(
                f"the password of the registry credential {label} is unavailable",
                "nothing was written; make the secret readable here and run again",
            )
        return secrets[label].reveal()

    return _with(_modules(content), reveal)


def _modules(content: object) -> Spec:
    return fields(fields(content).get("modulesContent"))


def _with(spec: Spec, replaced: Callable[[str, Value], Value], label: str = "") -> Spec:
    return {
        key: replaced(label, value)
        if key == FIELD and isinstance(value, str)
        else _inner(value, replaced, _label(key))
        for key, value in spec.items()
    }


def _inner(value: Value, replaced: Callable[[str, Value], Value], label: str) -> Value:
    if isinstance(value, Mapping):
        return _with(value, replaced, label)
    if isinstance(value, tuple):
        return tuple(_inner(item, replaced, label) for item in value)
    return value


def _passwords(value: Value, label: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        found = value.get(FIELD)
        if isinstance(found, str) and found and label:
            yield label, found
        for key, inner in value.items():
            inside = key == CREDENTIALS or f"{CREDENTIALS}." in key
            yield from _passwords(inner, _label(key) if inside or label else "")


def _label(key: str) -> str:
    """A base nests its credentials; a layer names the path: `...registryCredentials.<label>`."""
    return key.rpartition(f"{CREDENTIALS}.")[2]
