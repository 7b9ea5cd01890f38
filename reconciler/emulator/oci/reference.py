"""An image reference: `host/repository:tag` or `host/repository@sha256:...`."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.emulator.context import Context

DOCKER_HUB = "docker.io"


@dataclass(frozen=True)
class Reference:
    """`selector` is a tag or a digest, as in the registry's manifest route."""

    host: str
    repository: str
    selector: str = "latest"

    @property
    def by_digest(self) -> bool:
        return self.selector.startswith("sha256:")


def parsed(text: str) -> Reference:
    """Docker's reading: a first part with a dot or a port is a host, else it is Docker Hub's."""
    head, _, digest = text.partition("@")
    first, slash, rest = head.partition("/")
    is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, path = (first, rest) if is_host else (DOCKER_HUB, head)
    repository, colon, tag = path.rpartition(":")
    if not colon:
        repository, tag = path, "latest"
    return Reference(host, repository, digest or tag)


def home(context: Context, text: str) -> Reference:
    """As `parsed`, but a reference without a host is the workspace's registry's."""
    reference = parsed(text)
    if reference.host != DOCKER_HUB or text.startswith(f"{DOCKER_HUB}/"):
        return reference
    login_server = context.identity.registry_login_server
    return Reference(login_server, reference.repository, reference.selector)
