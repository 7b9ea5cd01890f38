"""The registry client: digests, tags, and where a password goes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from reconciler.model import Secret
from reconciler.providers.azure.fault import FaultError
from reconciler.providers.azure.patience import Patience
from reconciler.providers.azure.registry import Login, Reference, Registry
from reconciler.providers.azure.tally import Tally

LOGIN = Login("puller", Secret("registry-canary"))
PATIENCE = Patience(lambda: 0.0, lambda _seconds: None)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("a.azurecr.io/team/app:1", Reference("a.azurecr.io", "team/app", "1")),
        ("localhost:5000/app", Reference("localhost:5000", "app", "latest")),
        ("nginx", Reference("docker.io", "nginx", "latest")),
        ("team/app:2", Reference("docker.io", "team/app", "2")),
        ("a.io/app@sha256:ab", Reference("a.io", "app", "sha256:ab")),
        ("a.io/app:1@sha256:ab", Reference("a.io", "app", "sha256:ab")),
    ],
)
def test_a_reference_is_taken_apart(text: str, reference: Reference) -> None:
    assert Reference.of(text) == reference


class Server(ThreadingHTTPServer):
    """Asks for a token of `realm`, gives one, and remembers who sent which credentials."""

    def __init__(self, realm: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.realm = realm
        self.seen: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    @property
    def registry(self) -> Server:
        assert isinstance(self.server, Server)
        return self.server

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        credentials = self.headers.get("Authorization", "")
        self.registry.seen.append(credentials)
        if self.path.startswith("/token"):
            return self._send(200, {}, b'{"token": "t0ken"}')
        if credentials == "Bearer t0ken":
            return self._send(200, {"Docker-Content-Digest": "sha256:1"}, b'{"tags": ["2", "1"]}')
        realm = self.registry.realm or self.registry.url
        challenge = f'Bearer realm="{realm}/token",service="s",scope="repository:app:pull"'
        return self._send(401, {"WWW-Authenticate": challenge}, b"{}")

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Not into the test's output."""


@contextmanager
def serving(realm: str = "") -> Iterator[Server]:
    with Server(realm) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def registry(server: Server) -> Registry:
    return Registry(PATIENCE, Tally(), endpoints={"contoso.azurecr.io": server.url})


def test_a_digest_takes_a_token_of_the_registry_s_own_realm() -> None:
    with serving() as server:
        found = registry(server).digest("contoso.azurecr.io/app:1", LOGIN)
    assert found == "sha256:1"
    assert [seen.split(" ")[0] for seen in server.seen] == ["", "Basic", "Bearer"]


def test_a_password_never_goes_to_a_realm_elsewhere() -> None:
    with serving() as elsewhere, serving(realm=elsewhere.url) as server:
        assert registry(server).digest("contoso.azurecr.io/app:1", LOGIN) == "sha256:1"
    assert elsewhere.seen == [""]
    assert not any("Basic" in seen for seen in server.seen)


def test_tags_come_sorted() -> None:
    with serving() as server:
        assert registry(server).tags("contoso.azurecr.io", "app", LOGIN) == ("1", "2")


def test_a_registry_that_is_not_there_is_a_fault_that_names_no_secret() -> None:
    with serving() as server:
        gone = registry(server)
    with pytest.raises(FaultError, match="does not accept connections") as failed:
        gone.digest("contoso.azurecr.io/app:1", LOGIN)
    assert "canary" not in str(failed.value)
