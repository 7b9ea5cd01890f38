"""Starts the worker, talks to it, and leaves nothing behind."""

from __future__ import annotations

import math
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import TypeAlias

from reconciler.providers.azure.connection import Connection
from reconciler.providers.azure.fault import Cause, Fault, FaultError
from reconciler.providers.azure.workspace.protocol import (
    MODULE,
    SERVICE,
    Answer,
    Request,
    Sent,
    unheard,
)

PATIENCE = 5
"""Seconds that a worker has to end by itself."""
BLOCK = 1 << 16
"""Bytes that are read at once."""
TAIL = 600
"""Characters of the worker's log that may say why it died."""
TRUST = ("CURL_CA_BUNDLE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
HANDED_ON = frozenset(
    {
        *TRUST,
        *("PATH", "LD_LIBRARY_PATH", "LANG", "TZ", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"),
        *("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"),
        *("AZUREML_CURRENT_CLOUD", "ARM_CLOUD_METADATA_URL"),
    }
)
"""Nothing else: what documents may name as secrets stands among the variables too."""
LOOPBACK = "127.0.0.1,localhost"


def variables(environ: Mapping[str, str], connection: Connection, folder: Path) -> dict[str, str]:
    """The worker's environment: caches of its own, no git, no waiting, no secrets."""
    kept = {key: value for key, value in environ.items() if key in HANDED_ON}
    if connection.ca:
        kept = {key: value for key, value in kept.items() if key not in TRUST}
    own = {name: str(folder / name.lower()) for name in ("HOME", "TMPDIR")}
    return {
        **kept,
        **own,
        "AZURE_CONFIG_DIR": str(folder / "azure"),
        "AZUREML_AUTH_CONFIG_DIR": str(folder / "auth"),
        # The SDK writes the remote's address, password and all, into what it creates.
        "GIT_DIR": "/nonexistent",
        # It sleeps minutes in a call that is throttled; we decide what is repeated, and when.
        "AZUREML_DEFAULT_BACKOFF": "0",
        "AZUREML_DEFAULT_500_BACKOFF": "0",
        "AZUREML_DEFAULT_503_BACKOFF": "0",
        "AZUREML_DEFAULT_RETRIES": "0",
        "PYTHONPATH": _paths(kept.get("PYTHONPATH", "")),
        "PYTHONUTF8": "1",
        **_local(connection, kept),
    }


def _local(connection: Connection, kept: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    if connection.ca:
        found |= {"REQUESTS_CA_BUNDLE": connection.ca, "SSL_CERT_FILE": connection.ca}
    if connection.cloud:
        proxied = (kept.get("NO_PROXY", ""), LOOPBACK)
        found |= {
            "ARM_CLOUD_METADATA_URL": Path(connection.cloud.metadata).as_uri(),
            "AZUREML_CURRENT_CLOUD": connection.cloud.name,
            "NO_PROXY": ",".join(part for part in proxied if part),
        }
    return found


def _paths(given: str) -> str:
    """Where this package is, first: the worker starts in another folder."""
    here = Path(__file__).resolve().parents[4]
    return ":".join(part for part in (str(here), given) if part)


class WorkerProcess:
    """One worker, one request at a time."""

    def __init__(
        self, environ: Mapping[str, str], connection: Connection, module: str = MODULE
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="reconciler-"))  # private: mode 0700
        for name in ("home", "tmpdir"):
            (self._folder / name).mkdir()
        self._log = (self._folder / "worker.log").open("w+", encoding="utf-8", errors="replace")
        self._lock = Lock()
        self._answered = False
        self._received = b""
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-W", "ignore", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=variables(environ, connection, self._folder),
            cwd="/",  # the SDK refuses to register what is not below the working directory
            text=True,
            encoding="utf-8",
            start_new_session=True,  # an interrupt is for us to act on
        )

    @property
    def folder(self) -> Path:
        """A private folder, gone when the worker is closed."""
        return self._folder

    @property
    def ended(self) -> bool:
        """Whether it will answer nothing more."""
        return self._process.poll() is not None

    def ask(
        self, request: Request, seconds: float, sent: Callable[[Sent], None] = unheard
    ) -> Answer:
        """Send one request and wait for its answer; a worker that takes longer is ended.

        `sent` is told of uploads while they go on.
        """
        with self._lock:
            line = self._exchange(request.line(), time.monotonic() + seconds, sent)
            if line is None:
                self._process.kill()
                self._process.wait()
                text = f"no answer in {seconds:.0f} seconds"
                raise FaultError(Fault(SERVICE, request.doing, Cause.DROPPED, text=text))
            if not line:
                raise FaultError(self._died(request))
            self._answered = True
        return Answer.of(line)

    def close(self) -> None:
        """End the worker and remove its folder."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _exchange(self, line: str, end: float, sent: Callable[[Sent], None]) -> str | None:
        """The answer; empty from a worker that is gone, None where there is none in time."""
        if not self._process.stdin:
            return ""
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            return ""
        while (found := self._line(end)) and (told := Sent.of(found)):
            sent(told)
        return found

    def _line(self, end: float) -> str | None:
        """The next line, read without a buffer of somebody else's, which would hide what came."""
        while b"\n" not in self._received:
            if not self._process.stdout:
                return ""
            wait = None if math.isinf(end) else max(end - time.monotonic(), 0)
            ready, _, _ = select.select([self._process.stdout], [], [], wait)
            if not ready:
                return None
            if not (block := os.read(self._process.stdout.fileno(), BLOCK)):
                return ""
            self._received += block
        line, _, self._received = self._received.partition(b"\n")
        return line.decode("utf-8")

    def _died(self, request: Request) -> Fault:
        self._process.wait()
        self._log.seek(0)
        tail = self._log.read()[-TAIL:].strip()
        text = f"the process that holds the Azure ML SDK ended: {tail or 'without a word'}"
        # One that never answered will not do so the next time either.
        cause = Cause.DROPPED if self._answered else Cause.BROKEN
        return Fault(SERVICE, request.doing, cause, text=text)


Start: TypeAlias = Callable[[Mapping[str, str], Connection], WorkerProcess]
