"""Where passwords come from, and what is said where they cannot be had."""

from __future__ import annotations

from reconciler.model import Observed, Secret
from tests.providers.cloud import Cloud, only
from tests.providers.resources import credential


def resolved(cloud: Cloud, name: str, **reference: str | bool) -> Observed:
    want = credential(name, password={"secretRef": dict(reference)})
    return only(cloud.credentials.observe([want]), want)


def test_an_allowed_variable_is_read(cloud: Cloud, name: str) -> None:
    found = resolved(cloud, name, env="ACR_PASSWORD")
    assert found.secrets[name].secret == Secret("acr-canary-1")
    assert found.status == {
        "available": True,
        "loginServer": "contoso.azurecr.io",
        "username": "puller",
    }
    assert "acr-canary-1" not in repr(found)


def test_a_variable_that_is_not_allowed_is_not_read(cloud: Cloud, name: str) -> None:
    found = resolved(cloud, name, env="OTHER_PASSWORD")
    assert found.secrets == {}
    assert found.status["available"] is False
    assert "secrets.allow" in str(found.status["reason"])


def test_a_variable_that_is_not_set_is_said_so(cloud: Cloud, name: str) -> None:
    found = resolved(cloud, name, env="ACR_MISSING")
    assert (found.secrets, found.status["available"]) == ({}, False)
    assert "ACR_MISSING is not set" in str(found.status["reason"])


def test_the_registry_of_the_workspace_gives_all_three(cloud: Cloud, name: str) -> None:
    want = credential(name, password={"secretRef": {"workspaceRegistry": True}})
    bare = {key: want.spec[key] for key in ("password",)}
    want = type(want)(want.id, bare)
    found = only(cloud.credentials.observe([want]), want)
    login = cloud.session.workspace.registry_login()
    assert found.status == {
        "available": True,
        "loginServer": cloud.session.login_server(),
        "username": login.username,
    }
    assert found.secrets[name].secret == login.password
