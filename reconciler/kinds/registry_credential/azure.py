"""Resolves RegistryCredentials: from an allowed variable, or from the workspace's registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.model import (
    HeldSecret,
    Observed,
    Resolved,
    Resource,
    Secret,
    Spec,
    State,
    mapping,
    text,
)
from reconciler.providers.azure.fault import FaultError, refusal
from reconciler.providers.azure.registry import Login
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.port import ProviderError, Reading, UnavailableError


class NotYetError(UnavailableError):
    """What it is taken from will be there once the workspace has built an image."""


@dataclass(frozen=True, slots=True)
class RegistryCredentialHandler:
    """A secret that cannot be read here is said to be so: a plan goes on without it."""

    session: AzureSession

    def observe(self, wanted: Sequence[Resource]) -> Reading:
        return Reading(tuple(self._observed(want) for want in wanted))

    def create(self, want: Resource, resolved: Resolved) -> Observed:
        del resolved
        raise AssertionError(f"{want.id} is never written")

    def update(self, have: Observed, want: Resource, resolved: Resolved) -> Observed:
        del want, resolved
        raise AssertionError(f"{have.id} is never written")

    def delete(self, have: Observed) -> None:
        raise AssertionError(f"{have.id} is never written")

    def _observed(self, want: Resource) -> Observed:
        spec = want.spec
        known: Spec = {name: text(spec.get(name)) for name in ("loginServer", "username")}
        try:
            server, login = self._resolved(spec)
            self.session.surroundings.learn(login.password)
        except ProviderError as error:
            reason = f"{error}: {error.remedy}" if error.remedy else str(error)
            status: Spec = {"available": False, "reason": reason, **known}
            state = State.PENDING if isinstance(error, NotYetError) else State.READY
            return Observed(want.id.lineage, {}, state=state, status=status)
        return Observed(
            want.id.lineage,
            {},
            status={"available": True, "loginServer": server, "username": login.username},
            secrets={want.id.name: HeldSecret(0, login.password)},
        )

    def _resolved(self, spec: Spec) -> tuple[str, Login]:
        reference = mapping(mapping(spec["password"])["secretRef"])
        if name := text(reference.get("env")):
            password: Secret = self.session.secret(name)
            return text(spec["loginServer"]), Login(text(spec["username"]), password)
        try:
            server = text(spec.get("loginServer")) or self._server()
            login = self._login()
        except FaultError as error:
            raise refusal(error.fault) from error
        return server, Login(text(spec.get("username")) or login.username, login.password)

    def _server(self) -> str:
        if server := self.session.login_server():
            return server
        raise NotYetError("the workspace has no registry yet", "it makes one with its first image")

    def _login(self) -> Login:
        try:
            return self.session.workspace.registry_login()
        except UnavailableError:
            self._server()  # without a registry there is no password, whatever the settings are
            raise
