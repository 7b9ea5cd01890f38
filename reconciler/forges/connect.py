"""From a place to the service that it is at."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from reconciler.forges import azure_devops, github, gitlab
from reconciler.forges.azure_devops import AzureDevOps
from reconciler.forges.client import Client
from reconciler.forges.comments import Forge
from reconciler.forges.github import GitHub
from reconciler.forges.gitlab import GitLab
from reconciler.forges.place import Place, Service


def forge(place: Place, sleep: Callable[[float], None]) -> Forge:
    """Nothing is asked yet."""
    headers: Mapping[str, str]
    match place.service:
        case Service.GITHUB:
            headers = {**github.HEADERS, **_bearer(place)}
            return GitHub(place, _client(place, headers, sleep, github.REMEDY))
        case Service.AZURE_DEVOPS:
            headers = _bearer(place) if place.is_job else _basic(place)
            return AzureDevOps(place, _client(place, headers, sleep, azure_devops.REMEDY))
        case Service.GITLAB:
            headers = {"PRIVATE-TOKEN": place.token.reveal()}
            return GitLab(place, _client(place, headers, sleep, gitlab.REMEDY))


def _client(
    place: Place, headers: Mapping[str, str], sleep: Callable[[float], None], remedy: str
) -> Client:
    return Client(place.service.value, place.api.rstrip("/"), headers, sleep, remedy)


def _bearer(place: Place) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {place.token.reveal()}"}


def _basic(place: Place) -> Mapping[str, str]:
    """A personal token stands where a password would, for no user."""
    pair = base64.b64encode(f":{place.token.reveal()}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}
