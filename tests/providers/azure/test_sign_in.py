"""Getting in without the emulator's token: as a principal, as an identity, by a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from azure.core.credentials import AccessToken

from reconciler.kinds.model.azure import ModelHandler
from reconciler.model import Secret
from reconciler.providers.azure.connection import WorkspaceAddress
from reconciler.providers.azure.identity import SCOPE, FixedToken, Identity
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.workspace.client import Workspace
from reconciler.providers.azure.workspace.process import WorkerProcess
from reconciler.providers.port import DeniedError
from tests.providers.cloud import SYSTEM, Cloud
from tests.providers.resources import draft

ANY = draft("Model", "any", {"version": 1})


def elsewhere(cloud: Cloud, **principal: str) -> dict[str, str]:
    """The variables of somebody whose cloud is not Microsoft's public one."""
    local = cloud.session.connection.cloud
    assert local is not None
    return {
        **SYSTEM,
        "ARM_CLOUD_METADATA_URL": Path(local.metadata).as_uri(),
        "AZUREML_CURRENT_CLOUD": local.name,
        "NO_PROXY": "127.0.0.1",
        **principal,
    }


@contextmanager
def signed_in_with(cloud: Cloud, secret: str) -> Iterator[AzureSession]:
    known = cloud.session
    environ = elsewhere(
        cloud,
        AZURE_TENANT_ID="adfs",
        AZURE_CLIENT_ID="app",
        AZURE_CLIENT_SECRET=secret,
    )
    session = AzureSession(
        replace(known.connection, cloud=None),
        known.scribe,
        replace(known.surroundings, environ=environ),
        known.allowed,
    )
    with closing(session):
        yield session


def test_a_service_principal_gets_in(cloud: Cloud) -> None:
    with signed_in_with(cloud, cloud.emulator.context.identity.client_secret) as session:
        assert session.login_server() == cloud.session.login_server()


def test_a_wrong_client_secret_is_a_denial_that_does_not_repeat_it(cloud: Cloud) -> None:
    with signed_in_with(cloud, "client-canary") as session, pytest.raises(DeniedError) as failed:
        ModelHandler(session).observe([ANY])
    assert "AADSTS7000215" in str(failed.value)
    assert "canary" not in str(failed.value)


def test_an_identity_s_token_gets_in(cloud: Cloud) -> None:
    known = cloud.session
    connection = replace(known.connection, cloud=None)
    token = cloud.emulator.connection.token
    workspace = Workspace(
        partial(WorkerProcess, elsewhere(cloud), connection),
        FixedToken(Secret(token)),
        known.tally,
        known.surroundings.patience,
    )
    with closing(workspace):
        workspace.connect(connection, None)
        assert workspace.login_server() == known.login_server()


def test_a_workspace_may_be_named_by_its_file(cloud: Cloud, name: str) -> None:
    known = cloud.session
    there = known.connection.workspace
    assert there is not None
    file = cloud.folder / f"{name}.json"
    fields = {
        "subscription_id": there.subscription_id,
        "resource_group": there.resource_group,
        "workspace_name": there.name,
    }
    file.write_text(json.dumps(fields), encoding="utf-8")
    by_file = replace(known.connection, workspace=WorkspaceAddress(config_file=str(file)))
    session = AzureSession(by_file, known.scribe, known.surroundings, known.allowed)
    with closing(session):
        assert session.login_server() == known.login_server()


@dataclass
class Giver:
    """A credential whose tokens live for an hour."""

    clock: list[float]
    given: int = 0

    def get_token(self, scope: str) -> AccessToken:
        assert scope == SCOPE
        self.given += 1
        return AccessToken(f"token-{self.given}", int(self.clock[0]) + 3600)


def test_a_token_is_kept_and_renewed_before_its_end() -> None:
    clock = [1_000.0]
    identity = Identity(lambda: clock[0], Giver(clock))
    assert [identity.token(), identity.token()] == ["token-1", "token-1"]
    clock[0] += 3600 - 301
    assert identity.token() == "token-1"
    clock[0] += 2
    assert identity.token() == "token-2"


def test_a_token_that_was_refused_is_not_used_again() -> None:
    clock = [1_000.0]
    identity = Identity(lambda: clock[0], Giver(clock))
    assert identity.token() == "token-1"
    identity.forget()
    assert identity.token() == "token-2"
