"""A small client of container registries: is an image there, which one, which tags.

Follows https://distribution.github.io/distribution/spec/auth/token/: a 401 names a realm that
gives tokens. A password goes to its own registry and to a realm on that same host, never further.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from reconciler.model import Secret
from reconciler.providers.azure.fault import FaultError
from reconciler.providers.azure.patience import Patience
from reconciler.providers.azure.tally import READ, Tally
from reconciler.providers.azure.wire import answered, unanswered

SERVICE = "registry"
CONNECT = 5.0
"""Seconds to connect."""
MISSING = 404
UNAUTHORIZED = 401
MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
DOCKER_HUB = "docker.io"


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Reference:
    """`contoso.azurecr.io/team/detector:1.4`, taken apart."""

    server: str
    repository: str
    selector: str
    """A tag, or a digest with its algorithm."""

    @classmethod
    def of(cls, text: str) -> Reference:
        first, slash, rest = text.partition("/")
        named = slash and ("." in first or ":" in first or first == "localhost")
        server, path = (first, rest) if named else (DOCKER_HUB, text)
        if "@" in path:
            repository, _, selector = path.partition("@")
            return cls(server, repository.partition(":")[0], selector)
        repository, _, tag = path.partition(":")
        return cls(server, repository, tag or "latest")


@dataclass(frozen=True, slots=True)
class Registry:
    patience: Patience
    tally: Tally
    ca: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    """Base URLs by login server, where they are not `https://<login server>`."""

    def digest(self, text: str, login: Login | None = None) -> str | None:
        """The digest of the image at a reference; None if there is none."""
        ref = Reference.of(text)
        path = f"/v2/{ref.repository}/manifests/{ref.selector}"
        response = self._found("HEAD", ref.server, path, login)
        return None if response is None else response.headers.get("Docker-Content-Digest", "")

    def tags(self, server: str, repository: str, login: Login | None = None) -> tuple[str, ...]:
        """All tags of a repository; none if it does not exist."""
        found: list[str] = []
        path = f"/v2/{repository}/tags/list"
        while path:
            response = self._found("GET", server, path, login)
            if response is None:
                break
            found += response.json().get("tags") or []
            path = response.links.get("next", {}).get("url", "")
        return tuple(sorted(found))

    def _found(
        self, method: str, server: str, path: str, login: Login | None
    ) -> requests.Response | None:
        try:
            return self.patience.read(lambda: self._asked(method, server, path, login))
        except FaultError as error:
            if error.fault.status == MISSING:
                return None
            raise

    def _asked(self, method: str, server: str, path: str, login: Login | None) -> requests.Response:
        base = self.endpoints.get(server, f"https://{server}").rstrip("/")
        headers = {"Accept": MANIFESTS}
        response = self._send(method, f"{base}{path}", headers)
        if response.status_code == UNAUTHORIZED:
            headers["Authorization"] = self._authorization(response, base, login)
            response = self._send(method, f"{base}{path}", headers)
        return _successful(response)

    def _authorization(self, refused: requests.Response, base: str, login: Login | None) -> str:
        """What the registry's challenge asks for."""
        challenge = refused.headers.get("WWW-Authenticate", "")
        asked = dict(_CHALLENGE.findall(challenge))
        if challenge.lower().startswith("bearer") and asked.get("realm"):
            return f"Bearer {self._token(asked, base, login)}"
        if challenge.lower().startswith("basic") and login:
            return _basic(login)
        raise FaultError(answered(SERVICE, "signing in", refused))

    def _token(self, asked: Mapping[str, str], base: str, login: Login | None) -> str:
        realm = asked["realm"]
        headers = {"Authorization": _basic(login)} if login and _same_host(realm, base) else {}
        query = {key: asked[key] for key in ("service", "scope") if key in asked}
        body = _successful(self._send("GET", realm, headers, query)).json()
        return str(body.get("access_token") or body.get("token") or "")

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
    ) -> requests.Response:
        self.tally.add(SERVICE, READ)
        doing = f"{method} {urlsplit(url).path}"
        try:
            return requests.request(
                method,
                url,
                headers=dict(headers),
                params=query,
                timeout=(CONNECT, self.patience.answer),
                verify=self.ca or True,
                allow_redirects=False,
                auth=_as_it_is,
            )
        except requests.RequestException as error:
            raise FaultError(unanswered(SERVICE, doing, error)) from error


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps `requests` from adding what it finds in a `.netrc`."""
    return request


def _successful(response: requests.Response) -> requests.Response:
    if response.ok:
        return response
    raise FaultError(answered(SERVICE, f"asking {urlsplit(response.url).path}", response))


def _basic(login: Login) -> str:
    pair = f"{login.username}:{login.password.reveal()}"
    return f"Basic {b64encode(pair.encode()).decode()}"


def _same_host(realm: str, base: str) -> bool:
    """Whether a realm may see the password: the registry's own host, and encrypted as it is."""
    ours, theirs = urlsplit(base), urlsplit(realm)
    return (ours.scheme, ours.netloc.lower()) == (theirs.scheme, theirs.netloc.lower())
