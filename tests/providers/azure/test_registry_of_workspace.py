"""Workspaces whose registry is not there yet, or gives no password."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model import State
from reconciler.providers.port import UnavailableError
from tests.providers.azure.test_images import Built
from tests.providers.cloud import QUICK, emulated_cloud, only
from tests.providers.resources import draft

PASSWORD = {"password": {"secretRef": {"workspaceRegistry": True}}}


def test_a_registry_that_is_not_there_yet_comes_with_the_first_image(tmp_path: Path) -> None:
    want = draft("RegistryCredential", "acr", PASSWORD)
    with emulated_cloud(tmp_path, {}, replace(QUICK, registry_is_lazy=True)) as cloud:
        before = only(cloud.credentials.observe([want]), want)
        assert before.status["available"] is False
        assert "no registry yet" in str(before.status["reason"])
        built = Built(cloud, "package", "azureml-package")
        assert cloud.images.observe([built.want]).items == ()
        assert built.create(cloud).state is State.READY
        assert only(cloud.credentials.observe([want]), want).status["available"] is True


def test_a_disabled_admin_user_is_said_so_with_what_to_do(tmp_path: Path) -> None:
    want = draft("RegistryCredential", "acr", PASSWORD)
    with emulated_cloud(tmp_path, {}, replace(QUICK, registry_admin_enabled=False)) as cloud:
        found = only(cloud.credentials.observe([want]), want)
        assert found.status["available"] is False
        assert "--admin-enabled true" in str(found.status["reason"])
        with pytest.raises(UnavailableError, match="gives no password"):
            cloud.images.observe([Built(cloud, "package", "azureml-package").want])
