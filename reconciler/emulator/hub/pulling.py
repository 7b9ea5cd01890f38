"""Where simulated devices pull images from."""

from __future__ import annotations

import hashlib
import secrets

from reconciler.emulator import oci
from reconciler.emulator.context import Context
from reconciler.emulator.hub.agent import Pull, PullError
from reconciler.emulator.hub.manifest import Credential
from reconciler.emulator.oci import images, login
from reconciler.emulator.oci.reference import parsed


def puller(context: Context) -> Pull:
    """The workspace's registry asks for a credential; every other one gives what it has."""

    def pull(reference: str, credential: Credential | None) -> str:
        wanted = parsed(reference)
        if wanted.host == context.identity.registry_login_server:
            _check_credential(context, credential)
        if not oci.image_exists(context, reference):
            raise PullError(f"manifest for {reference} not found: manifest unknown")
        found = images.manifest(context, wanted)
        return found.digest if found else _made_up(reference)

    return pull


def _check_credential(context: Context, credential: Credential | None) -> None:
    good = context.settings.registry_admin_enabled and credential is not None
    if not good or credential is None or credential.username != context.identity.registry_name:
        raise PullError("unauthorized: authentication required")
    passwords = login.passwords(context).values()
    if not any(secrets.compare_digest(credential.password, each) for each in passwords):
        raise PullError("unauthorized: authentication required")


def _made_up(reference: str) -> str:
    """An image of a registry that nobody can ask has some hash, always the same."""
    return f"sha256:{hashlib.sha256(reference.encode()).hexdigest()}"
