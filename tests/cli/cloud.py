"""A local cloud that stays up while commands join it, and what it says that it was asked."""

from __future__ import annotations

import hmac
import json
import subprocess
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

ROOT = Path(__file__).parents[2]
STEP = 0.05
PATIENCE = 600
"""Steps until an emulator that does not listen is given up."""


@dataclass(frozen=True)
class Cloud:
    """A running emulator, reached over its control API and as the hub's own client would."""

    connection: Mapping[str, Any]
    ca: Path

    @property
    def host(self) -> str:
        name: str = self.connection["hub"]["hostName"]
        return name

    @property
    def connection_string(self) -> str:
        text: str = self.connection["hub"]["connectionString"]
        return text

    @cached_property
    def _session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # its REQUESTS_CA_BUNDLE would win over ours
        session.verify = str(self.ca)
        return session

    def ask(self, method: str, path: str, **arguments: Any) -> Any:
        response = self._session.request(method, f"{self.connection['url']}{path}", **arguments)
        response.raise_for_status()
        return response.json()

    def configurations(self) -> list[dict[str, Any]]:
        """What the hub holds, as it tells anybody who may ask."""
        found: list[dict[str, Any]] = self.ask(
            "GET",
            "/configurations",
            params={"api-version": "2021-04-12"},
            headers={"Authorization": self._signature()},
        )
        return found

    def put(self, document: Mapping[str, Any]) -> None:
        """Change a configuration by hand."""
        self.ask(
            "PUT",
            f"/configurations/{document['id']}",
            params={"api-version": "2021-04-12"},
            headers={"Authorization": self._signature(), "If-Match": '"*"'},
            json=dict(document),
        )

    def drop(self, name: str) -> None:
        """Delete a configuration by hand."""
        response = self._session.delete(
            f"{self.connection['url']}/configurations/{name}",
            params={"api-version": "2021-04-12"},
            headers={"Authorization": self._signature(), "If-Match": '"*"'},
        )
        response.raise_for_status()

    def of(self, owner: str) -> dict[str, Any]:
        """The one configuration of an owner."""
        [found] = [c for c in self.configurations() if c["labels"].get("reconciler-owner") == owner]
        return found

    def _signature(self) -> str:
        """https://learn.microsoft.com/azure/iot-hub/authenticate-authorize-sas"""
        fields = dict(part.partition("=")[::2] for part in self.connection_string.split(";"))
        name, key = fields["SharedAccessKeyName"], b64decode(fields["SharedAccessKey"])
        resource, end = quote(self.host, safe=""), 4102444800
        signed = b64encode(hmac.digest(key, f"{resource}\n{end}".encode(), "sha256"))
        return f"SharedAccessSignature sr={resource}&sig={quote(signed)}&se={end}&skn={name}"

    def forget_requests(self) -> None:
        self.ask("DELETE", "/_emulator/requests")

    def served(self) -> dict[str, int]:
        """How often each operation was asked for since `forget_requests`."""
        told = self.ask("GET", "/_emulator/requests")
        assert told["crashes"] == []
        assert told["unknown"] == []
        return {row["operation"]: row["count"] for row in told["served"]}

    def writes(self) -> int:
        count: int = self.ask("GET", "/_emulator/requests")["writes"]
        return count

    def answers(self, match: str, **fault: Any) -> None:
        """From now on, every call that matches is answered with the fault."""
        self.ask("POST", "/_emulator/faults", json={"match": match, "times": 0, **fault})

    def forget_faults(self) -> None:
        self.ask("DELETE", "/_emulator/faults")


@contextmanager
def running(state: Path) -> Iterator[Cloud]:
    """The emulator of a state folder, in a process of its own: commands on the folder join it."""
    program = [sys.executable, "-m", "reconciler", "emulate", "--state", str(state)]
    with (state.parent / "emulate.log").open("wb") as log:
        child = subprocess.Popen(
            ["env", f"PYTHONPATH={ROOT}", *program], stdout=log, stderr=log, cwd=ROOT
        )
    try:
        connection = _listening(state / "connection.json", child)
        yield Cloud(connection, Path(connection["ca"]))
    finally:
        child.terminate()
        child.wait()


def _listening(file: Path, child: subprocess.Popen[bytes]) -> Mapping[str, Any]:
    for _ in range(PATIENCE):
        if file.exists():
            found: Mapping[str, Any] = json.loads(file.read_text("utf-8"))
            return found
        assert child.poll() is None, "the emulator ended"
        time.sleep(STEP)
    raise AssertionError("the emulator does not listen")
