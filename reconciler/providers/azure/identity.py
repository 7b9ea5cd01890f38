"""Who we are to Azure, where neither a connection string nor the emulator's token says it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from azure.core.credentials import AccessToken
from azure.core.exceptions import AzureError
from azure.identity import DefaultAzureCredential

from reconciler.model import Secret
from reconciler.providers.port import DeniedError

SCOPE = "https://management.azure.com/.default"
LEEWAY = 300
"""Seconds before its end at which a token is renewed."""


class Tokens(Protocol):
    """Where the access tokens of a session come from."""

    def token(self) -> str | None:
        """One that is good for a while; None where the worker gets its own."""
        ...

    def forget(self) -> None:
        """The last one was refused."""
        ...


@dataclass(frozen=True, slots=True)
class FixedToken:
    """A token that is given once, or none."""

    value: Secret | None = None

    def token(self) -> str | None:
        return self.value.reveal() if self.value else None

    def forget(self) -> None:
        """There is no other one."""


def signed_in() -> DefaultAzureCredential:
    """Whoever runs this: variables, a managed identity, the Azure CLI, in the SDK's order."""
    # Its log repeats, over several lines, what its exception says and we tell.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    return DefaultAzureCredential()


@dataclass(slots=True)
class Identity:
    """Access tokens for the management API, renewed in time."""

    now: Callable[[], float]
    _credential: DefaultAzureCredential = field(default_factory=signed_in)
    _token: AccessToken | None = None
    _lock: Lock = field(default_factory=Lock)
    learn: Callable[[Secret], None] = lambda _secret: None
    """Told of each token."""

    def token(self) -> str:
        with self._lock:
            if self._token is None or self._token.expires_on - LEEWAY < self.now():
                self._token = self._fresh()
            found: str = self._token.token
        return found

    def forget(self) -> None:
        with self._lock:
            self._token = None

    def _fresh(self) -> AccessToken:
        try:
            found = self._credential.get_token(SCOPE)
        except AzureError as error:
            raise DeniedError(
                f"no Azure identity: {error.message.splitlines()[0]}",
                "sign in (az login), or set AZURE_TENANT_ID, AZURE_CLIENT_ID and"
                " AZURE_CLIENT_SECRET",
            ) from error
        self.learn(Secret(found.token))
        return found


_PRINCIPALS = (
    (
        "AZUREML_SERVICE_PRINCIPAL_TENANT_ID",
        "AZUREML_SERVICE_PRINCIPAL_ID",
        "AZUREML_SERVICE_PRINCIPAL_PASSWORD",
    ),
    ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"),
)


def principal(environ: Mapping[str, str]) -> Mapping[str, str] | None:
    """A service principal that the environment's variables describe, completely."""
    for names in _PRINCIPALS:
        found = [environ.get(name, "") for name in names]
        if all(found):
            return dict(zip(("tenant", "id", "password"), found, strict=True))
    return None


@dataclass(frozen=True, slots=True)
class SignIn:
    """As whom a worker gets into a workspace: with tokens of ours, or as a principal."""

    tokens: Tokens
    principal: Mapping[str, str] | None = None


def sign_in(
    local: Secret | None,
    environ: Mapping[str, str],
    now: Callable[[], float],
    learn: Callable[[Secret], None],
) -> SignIn:
    """With the emulator's token, as a principal, or with the identity of whoever runs this."""
    if local:
        learn(local)
        return SignIn(FixedToken(local))
    if known := principal(environ):
        learn(Secret(known["password"]))
        return SignIn(FixedToken(), known)  # it gets its tokens itself
    return SignIn(Identity(now, learn=learn))
