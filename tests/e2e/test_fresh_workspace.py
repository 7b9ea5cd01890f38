"""A workspace that has never built anything has no registry: one apply goes all the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reconciler.emulator.server import running
from reconciler.emulator.settings import Settings
from tests.e2e.checkout import NOTHING, Checkout
from tests.emulator.client import Client

FRESH = Settings(tick_seconds=0.1, build_seconds=0.5, registry_is_lazy=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout = Checkout.new(tmp_path / "repository")
    devices = (checkout.fleet / "devices.jsonl").read_text("utf-8").splitlines()
    with running(checkout.fleet / ".reconciler" / "local", FRESH) as emulator:
        with closing(Client(emulator.connection)) as client:
            client.control("POST", "seed", {"devices": [json.loads(line) for line in devices]})
        yield checkout


def test_one_apply_does_everything(checkout: Checkout) -> None:
    planned = checkout.reconciler("plan", "--env", "local")
    assert "its secret is not there yet: the workspace has no registry yet" in planned
    assert "Apply complete!" in checkout.apply()
    assert NOTHING in checkout.reconciler("plan", "--env", "local", "--detailed-exitcode")


def test_a_deployment_alone_has_to_wait_for_the_first_image(checkout: Checkout) -> None:
    checkout.edit(
        "deployments/gateway-base.yaml",
        "  priority: 10\n",
        "  priority: 10\n  registryCredentials: [workspace-registry]\n",
    )
    only = ("--only", "Deployment/gateway-base")
    told = checkout.reconciler("apply", "--env", "local", "--auto-approve", *only, code=1)
    assert "RegistryCredential/workspace-registry is still not there" in told
    assert "it makes one with its first image" in told
    assert "Apply complete!" in checkout.apply()
    assert NOTHING in checkout.reconciler("plan", "--env", "local", "--detailed-exitcode")
