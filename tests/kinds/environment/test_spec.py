from __future__ import annotations

import pytest

from reconciler.kinds.environment.spec import (
    KIND,
    GuardSettings,
    HubSettings,
    ProviderName,
    WorkspaceSettings,
    allows,
    settings,
)
from reconciler.model import Contents, FileContent, Spec

AZURE: Spec = {
    "provider": "azure",
    "workspace": {"configFile": "./config.json"},
    "hub": {
        "hostName": "contoso.azure-devices.net",
        "connectionString": {"secretRef": {"env": "HUB"}},
    },
    "secrets": {"allow": ("HUB",)},
    "registries": ("B.azurecr.io", "a.azurecr.io"),
    "policy": {"prune": True, "deletes": {"max": 1}},
}


def test_what_is_left_out_is_cautious() -> None:
    found = settings("local", KIND.normalize({"provider": "local"}, {}))
    assert found.provider is ProviderName.LOCAL
    assert (found.workspace, found.hub, found.secrets, found.registries) == (None, None, (), ())
    assert not found.policy.prune
    assert found.policy.deletes == GuardSettings(5, 20.0)
    assert found.policy.replaces == GuardSettings(20, 50.0)


def test_what_is_written_is_kept_and_paths_start_at_the_root() -> None:
    contents: Contents = {
        ("workspace", "configFile"): FileContent("fleet/environments/config.json", "", 0)
    }
    found = settings("prod", KIND.normalize(AZURE, contents))
    assert found.workspace == WorkspaceSettings(config_file="fleet/environments/config.json")
    assert found.hub == HubSettings("contoso.azure-devices.net", "HUB")
    assert found.registries == ("a.azurecr.io", "b.azurecr.io")
    assert found.policy.deletes == GuardSettings(1, 20.0)
    assert found.policy.prune


def test_a_complete_environment_is_not_faulted() -> None:
    assert list(KIND.check("prod", AZURE, {})) == []


@pytest.mark.parametrize("left_out", ["workspace", "hub", "secrets"])
def test_azure_needs_its_services_and_the_hubs_secret(left_out: str) -> None:
    spec = {key: value for key, value in AZURE.items() if key != left_out}
    assert len(list(KIND.check("prod", spec, {}))) == 1


def test_only_the_file_that_ci_writes_may_be_missing() -> None:
    spec: Spec = {**AZURE, "local": {"devices": "devices.jsonl"}}
    assert [(use.path, use.optional) for use in KIND.files(spec)] == [
        ("./config.json", True),
        ("devices.jsonl", False),
    ]


def test_a_star_allows_a_family_of_variables_and_case_matters() -> None:
    assert allows(("ACR_*",), "ACR_PASSWORD")
    assert not allows(("ACR_*",), "acr_password")
    assert not allows((), "ACR_PASSWORD")


def test_an_environment_has_no_generations_and_is_never_written() -> None:
    assert not KIND.has_generations
    assert not KIND.managed(AZURE)
