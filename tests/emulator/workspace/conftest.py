"""One emulator and one SDK process for a module's tests; each test uses names of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from reconciler.emulator.connection import Connection
from reconciler.emulator.server import running
from tests.emulator.client import Client

ROOT = Path(__file__).parents[3]


class Sdk:
    """The Azure ML SDK in a process of its own: `sdk("register", path=..., name=...)`."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self._connection = connection.json()
        self._errors = (folder / "stderr").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.emulator.workspace.sdk_worker"],
            cwd="/",
            env=_environment(connection, folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def __call__(self, call: str, **arguments: object) -> dict[str, Any]:
        """What the call returns; a failure of the SDK fails the test."""
        answer = self._ask(call, arguments)
        assert "error" not in answer, answer["error"]
        return answer

    def refused(self, call: str, **arguments: object) -> str:
        """What the SDK raises."""
        return str(self._ask(call, arguments)["error"])

    def _ask(self, call: str, arguments: dict[str, object]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"connection": self._connection, "call": call, "arguments": arguments}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, self._said()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        self._process.communicate()
        self._errors.close()

    def _said(self) -> str:
        self._errors.seek(0)
        return self._errors.read()


def _environment(connection: Connection, folder: Path) -> dict[str, str]:
    """Nothing is inherited: no proxy, no certificate, no cached endpoint of this machine."""
    temporary = folder / "tmp"
    temporary.mkdir()
    return {
        "ARM_CLOUD_METADATA_URL": connection.cloud_metadata.as_uri(),
        "AZUREML_CURRENT_CLOUD": "LoopbackCloud",
        "AZURE_CONFIG_DIR": str(folder / "azure"),
        "AZUREML_AUTH_CONFIG_DIR": str(folder / "auth"),
        "AZUREML_DEFAULT_BACKOFF": "0",
        "AZUREML_DEFAULT_500_BACKOFF": "0",
        "AZUREML_DEFAULT_503_BACKOFF": "0",
        "GIT_DIR": "/nonexistent",
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "REQUESTS_CA_BUNDLE": str(connection.ca),
        "SSL_CERT_FILE": str(connection.ca),
        "TMPDIR": str(temporary),
    }


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Also the proof that the SDK calls nothing that is not implemented, and breaks nothing."""
    with running(tmp_path_factory.mktemp("state")) as emulator:
        with closing(Client(emulator.connection)) as client:
            yield client
        summary = emulator.context.requests.summary()
    assert summary["unknown"] == []
    assert summary["crashes"] == []


@pytest.fixture(scope="module")
def sdk(cloud: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sdk]:
    with closing(Sdk(cloud.connection, tmp_path_factory.mktemp("sdk"))) as sdk:
        yield sdk
