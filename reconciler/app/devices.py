"""What a device needs to sign in: told on request, and only then."""

from __future__ import annotations

from reconciler.app.fleet import Fleet
from reconciler.model import mapping
from reconciler.providers.port import DeviceLogin, Provider

DEVICE = "Device"


def ids_of(fleet: Fleet, name: str) -> tuple[str, ...]:
    """The devices that a document describes; what names no document is an id itself."""
    found = (d for d in fleet.drafts if (d.id.kind, d.id.name) == (DEVICE, name))
    return next((tuple(mapping(draft.spec["devices"])) for draft in found), (name,))


def login(provider: Provider, device: str) -> DeviceLogin | None:
    """None if the hub does not know the device."""
    return provider.logins(device) if provider.logins else None
