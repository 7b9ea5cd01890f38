"""The workspace cannot be reached or does not let us in."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from reconciler.emulator import identity, token
from reconciler.emulator.folder import Folder
from tests.cli.cloud import Cloud
from tests.cli.conftest import STATE
from tests.cli.fleets import Workshop
from tests.cli.person import Person
from tests.e2e.checkout import Checkout

MODEL = """\
apiVersion: reconciler/v1
kind: Model
metadata: {name: detector}
spec: {path: weights.bin}
"""


@pytest.fixture(autouse=True)
def a_model(workshop: Workshop) -> None:
    """Without one, the workspace is not asked for anything."""
    workshop.put("weights.bin", "0.1 0.2")
    workshop.put("model.yaml", MODEL)


def test_a_workspace_that_is_not_there_is_told(
    person: Person, workshop: Workshop, cloud: Cloud
) -> None:
    workshop.be_local(cloud, workspace_name="missing")
    said = person.runs("plan")
    assert (said.name, said.out) == ("ERROR", "")
    assert "ResourceNotFound: The Resource 'workspaces/missing'" in said.err
    assert "hint: check subscriptionId, resourceGroup and name" in said.err


def test_an_expired_token_is_denied(
    person: Person, workshop: Workshop, cloud: Cloud, example: Checkout
) -> None:
    keys = identity.kept(Folder(example.fleet / STATE).identity)
    expired = token.issue(keys, datetime(2020, 1, 1, tzinfo=timezone.utc))
    workshop.be_local(cloud, workspace_token=expired)
    said = person.runs("plan")
    assert (said.name, said.out) == ("DENIED", "")
    assert "the access token is missing, invalid or has expired" in said.err.lower()
    assert "hint: sign in again (az login)" in said.err
    assert expired not in said.err


def test_a_missing_role_is_denied(person: Person, workshop: Workshop, cloud: Cloud) -> None:
    workshop.be_local(cloud)
    cloud.answers(
        "modelmanagement/.*/models", status=403, body='{"code": "Forbidden", "message": "No role"}'
    )
    said = person.runs("plan")
    assert (said.name, said.out) == ("DENIED", "")
    assert "workspace, models: Forbidden: No role (HTTP 403)" in said.err
    assert "AzureML Data Scientist" in said.err


def test_a_certificate_that_is_not_trusted_is_refused(
    person: Person, workshop: Workshop, cloud: Cloud, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    other.touch()
    workshop.be_local(cloud, ca=str(other))
    workshop.drop("sensor")
    said = person.runs("plan")
    assert (said.name, said.out) == ("ERROR", "")
    assert "REQUESTS_CA_BUNDLE" in said.err
