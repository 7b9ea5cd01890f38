"""The process that holds the Azure ML SDK: apart, quiet, and gone when it should be."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from io import StringIO
from pathlib import Path
from threading import Event

import pytest

from reconciler.emulator.faults import Fault
from reconciler.kinds.deployment.azure import DeploymentHandler
from reconciler.kinds.image.azure import ImageHandler
from reconciler.kinds.model.azure import ModelHandler
from reconciler.model import Secret
from reconciler.providers.azure.connection import Connection, HubAddress, emulated
from reconciler.providers.azure.identity import principal
from reconciler.providers.azure.patience import Patience
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.workspace.process import Start, WorkerProcess, variables
from reconciler.providers.azure.workspace.protocol import MODULE, Answer, Request, attended
from reconciler.providers.port import DeniedError, ProviderError
from tests.providers.cloud import SYSTEM, Cloud
from tests.providers.resources import draft

ANY = draft("Model", "m", {"version": 1})
BUILT = draft("Image", "i", {"builder": "azureml-image"})
AZURE = Connection(HubAddress("contoso.azure-devices.net"))


def test_for_azure_the_worker_gets_no_variable_of_the_emulator_s() -> None:
    found = variables({"PATH": "/bin", "REQUESTS_CA_BUNDLE": "/company.pem"}, AZURE, Path("/t"))
    assert found["REQUESTS_CA_BUNDLE"] == "/company.pem"
    assert not {"ARM_CLOUD_METADATA_URL", "AZUREML_CURRENT_CLOUD", "NO_PROXY"} & set(found)


def test_for_the_emulator_it_trusts_the_emulator_alone(cloud: Cloud) -> None:
    foreign = {"CURL_CA_BUNDLE": "/x", "SSL_CERT_DIR": "/y", "NO_PROXY": "intra"}
    connection = emulated(cloud.emulator.connection.json())
    found = variables(foreign, connection, Path("/t"))
    assert found["REQUESTS_CA_BUNDLE"] == found["SSL_CERT_FILE"] == connection.ca
    assert not {"CURL_CA_BUNDLE", "SSL_CERT_DIR"} & set(found)
    assert found["NO_PROXY"] == "intra,127.0.0.1,localhost"
    assert found["ARM_CLOUD_METADATA_URL"].startswith("file:///")


def test_its_caches_are_its_own_and_git_is_out_of_reach() -> None:
    found = variables({"HOME": "/root", "GIT_DIR": "/x"}, AZURE, Path("/private"))
    caches = ("HOME", "TMPDIR", "AZURE_CONFIG_DIR", "AZUREML_AUTH_CONFIG_DIR")
    assert all(found[name].startswith("/private/") for name in caches)
    assert found["GIT_DIR"] == "/nonexistent"


def test_secrets_are_not_handed_on_in_variables() -> None:
    secrets = {
        "AZURE_CLIENT_SECRET": "canary",
        "AZUREML_SERVICE_PRINCIPAL_PASSWORD": "canary",
        "IOTHUB_CONNECTION_STRING": "canary",
        "ACR_PASSWORD": "canary",
    }
    assert "canary" not in str(variables({**SYSTEM, **secrets}, AZURE, Path("/t")))


def test_a_service_principal_needs_all_three_variables() -> None:
    partly = {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "i"}
    assert principal(partly) is None
    assert principal({**partly, "AZURE_CLIENT_SECRET": "p"}) == {
        "tenant": "t",
        "id": "i",
        "password": "p",
    }


def test_requests_and_answers_survive_the_pipe_and_hide_what_they_hold() -> None:
    request = Request("connect", {"principal": "canary"}, "canary")
    assert Request.of(request.line()) == request
    answer = Answer({"password": "canary"}, reads=2)
    assert Answer.of(answer.line()) == answer
    assert "canary" not in repr((request, answer))


def test_the_token_is_in_no_argument_and_no_variable(cloud: Cloud) -> None:
    cloud.session.workspace.login_server()
    token = cloud.emulator.connection.token
    for process in _workers():
        assert token not in (process / "cmdline").read_text(errors="replace")
        assert token not in (process / "environ").read_text(errors="replace")


def test_a_worker_leaves_nothing_behind(cloud: Cloud) -> None:
    process = WorkerProcess(SYSTEM, cloud.session.connection)
    folder = process.folder
    assert folder.stat().st_mode & 0o077 == 0
    process.close()
    assert not folder.exists()


def test_a_worker_that_dies_is_started_again(cloud: Cloud) -> None:
    known = set(_workers())
    with _another(cloud, cloud.session.connection) as session:
        session.workspace.login_server()
        (started,) = set(_workers()) - known
        os.kill(int(started.name), signal.SIGKILL)
        assert session.workspace.login_server()
        (again,) = set(_workers()) - known
        assert again != started


def test_a_worker_that_never_works_is_reported(cloud: Cloud) -> None:
    start = partial(WorkerProcess, module="no_such_module")
    with (
        _another(cloud, cloud.session.connection, worker=start) as session,
        pytest.raises(ProviderError, match=r"process that holds the Azure ML SDK ended.*no_such"),
    ):
        ModelHandler(session).observe([ANY])


def test_a_request_that_hangs_is_given_up(cloud: Cloud) -> None:
    patience = replace(cloud.session.surroundings.patience, answer=0.5, deadline=0.0)
    with _another(cloud, cloud.session.connection, patience=patience) as session:
        assert session.workspace.login_server()
        cloud.fault(Fault("GET .*/images", delay=60))
        with pytest.raises(ProviderError, match="images: no answer in") as failed:
            ImageHandler(session).observe([BUILT])
        assert failed.value.remedy
        assert session.workspace.login_server()


def test_a_worker_whose_parent_is_gone_does_not_finish_what_it_was_asked() -> None:
    reading, writing = os.pipe()
    gone = Event()
    with os.fdopen(reading, encoding="utf-8") as requests:
        os.write(writing, b"a request\n")
        lines = attended(requests, gone.set)
        assert next(lines) == "a request\n"
        assert not gone.is_set()
        os.close(writing)
        assert gone.wait(20)


def test_a_worker_that_is_idle_ends_with_its_input() -> None:
    gone = Event()
    assert list(attended(StringIO(""), gone.set)) == []
    assert not gone.is_set()


def test_a_workspace_that_does_not_exist_is_named(cloud: Cloud) -> None:
    there = cloud.session.connection
    assert there.workspace is not None
    missing = replace(there, workspace=replace(there.workspace, name="nowhere"))
    with _another(cloud, missing) as session, pytest.raises(ProviderError) as failed:
        ModelHandler(session).observe([ANY])
    assert "workspace, connect" in str(failed.value)
    assert "subscriptionId, resourceGroup and name" in failed.value.remedy


def test_a_token_that_is_refused_is_a_denial(cloud: Cloud) -> None:
    there = cloud.session.connection
    assert there.cloud is not None
    forged = there.cloud.token.reveal().rpartition(".")[0] + ".Zm9yZ2Vk"
    refused = replace(there, cloud=replace(there.cloud, token=Secret(forged)))
    with _another(cloud, refused) as session, pytest.raises(DeniedError) as failed:
        ModelHandler(session).observe([ANY])
    assert forged not in str(failed.value)


@pytest.mark.parametrize("broken", ["HostName=x;SharedAccessKey=canary", "canary"])
def test_a_connection_string_that_is_none_is_refused_without_repeating_it(
    cloud: Cloud, broken: str
) -> None:
    with (
        _another(cloud, _with_hub(cloud, broken)) as session,
        pytest.raises(ProviderError, match="connection string is not valid") as failed,
    ):
        DeploymentHandler(session).observe([])
    assert "canary" not in f"{failed.value} {failed.value.remedy}"


def test_a_key_that_is_no_key_is_refused_without_repeating_it(cloud: Cloud) -> None:
    text = "HostName=127.0.0.1;SharedAccessKeyName=iothubowner;SharedAccessKey=canary"
    with (
        _another(cloud, _with_hub(cloud, text)) as session,
        pytest.raises(ProviderError, match="connection string is not valid") as failed,
    ):
        DeploymentHandler(session).observe([])
    assert "canary" not in f"{failed.value} {failed.value.remedy}"


def test_a_wrong_key_is_a_denial_that_names_the_role(cloud: Cloud) -> None:
    host = cloud.session.connection.hub.host
    wrong = f"HostName={host};SharedAccessKeyName=iothubowner;SharedAccessKey=d3Jvbmc="
    with (
        _another(cloud, _with_hub(cloud, wrong)) as session,
        pytest.raises(DeniedError, match="IotHubUnauthorizedAccess") as failed,
    ):
        DeploymentHandler(session).observe([])
    assert "IoT Hub Data Contributor" in failed.value.remedy


def test_a_hub_whose_certificate_is_not_trusted_is_said_so(cloud: Cloud) -> None:
    untrusting = replace(cloud.session.connection, ca=None)
    with (
        _another(cloud, untrusting) as session,
        pytest.raises(ProviderError, match="certificate") as failed,
    ):
        DeploymentHandler(session).observe([])
    assert "REQUESTS_CA_BUNDLE" in failed.value.remedy


def test_a_hub_that_is_not_there_is_said_so(cloud: Cloud) -> None:
    text = "HostName=127.0.0.1:9;SharedAccessKeyName=iothubowner;SharedAccessKey=d3Jvbmc="
    with (
        _another(cloud, _with_hub(cloud, text)) as session,
        pytest.raises(ProviderError, match="does not accept connections") as failed,
    ):
        DeploymentHandler(session).observe([])
    assert "host name" in failed.value.remedy


@contextmanager
def _another(
    cloud: Cloud,
    connection: Connection,
    patience: Patience | None = None,
    worker: Start | None = None,
) -> Iterator[AzureSession]:
    """A session of its own, on another connection."""
    known = cloud.session
    given = replace(
        known.surroundings, worker=worker, patience=patience or known.surroundings.patience
    )
    session = AzureSession(connection, known.scribe, given, known.allowed)
    with closing(session):
        yield session


def _with_hub(cloud: Cloud, text: str) -> Connection:
    return replace(cloud.session.connection, hub=HubAddress("127.0.0.1", Secret(text)))


def _workers() -> list[Path]:
    """The /proc folders of this process's workers."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            command = (folder / "cmdline").read_bytes().decode()
        except OSError:  # it ended meanwhile
            continue
        if parent == str(os.getpid()) and MODULE in command:
            found.append(folder)
    return found
