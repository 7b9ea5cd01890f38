"""The hub, as raw JSON: what is repeated, and what is counted.

A read is repeated; a write is sent once, unless the hub says that it was throttled away. What
became of a write whose answer was lost is for `configurations` to find out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import requests

from reconciler.providers.azure.fault import Fault, FaultError
from reconciler.providers.azure.patience import Patience
from reconciler.providers.azure.tally import READ, WRITE, Tally
from reconciler.providers.azure.values import Entry, Json, entries, entry
from reconciler.providers.azure.wire import decoded

if TYPE_CHECKING:
    from reconciler.providers.azure.hub_sdk import HubSdk

HUB = "hub"
SERVICE = "IoT Hub"
PAGE = 1000
MISSING = 404


@dataclass(frozen=True, slots=True)
class Hub:
    sdk: HubSdk
    patience: Patience
    tally: Tally

    def configurations(self) -> list[Entry]:
        """All of them, foreign ones too: the service knows no paging here."""
        return entries(self._read(self.sdk.get_configurations))

    def configuration(self, name: str) -> Entry | None:
        return self._find(lambda: self.sdk.get_configuration(name))

    def put_configuration(self, document: Mapping[str, Any], etag: str | None) -> Entry:
        """Create where `etag` is None, else update."""
        return self._write(lambda: self.sdk.put_configuration(document, etag))

    def delete_configuration(self, name: str, etag: str) -> None:
        self._write(lambda: self.sdk.delete_configuration(name, etag))

    def query(self, text: str) -> Iterator[Entry]:
        """The rows of a query, page by page, as they came."""
        token: str | None = None
        while True:
            response = self._answer(READ, partial(self.sdk.query, text, token, PAGE))
            yield from entries(_json(response))
            token = response.headers.get("x-ms-continuation")
            if not token:
                return

    def twin(self, device: str) -> Entry | None:
        return self._find(lambda: self.sdk.get_twin(device))

    def create_device(self, identity: Mapping[str, Json]) -> Entry:
        """Register an identity; one that is there already is a conflict."""
        return self._write(lambda: self.sdk.create_device(identity))

    def patch_tags(self, device: str, tags: Mapping[str, Json], etag: str) -> Entry:
        """Merge `tags` into the twin's, if it is still the one that was read."""
        return self._write(lambda: self.sdk.patch_tags(device, tags, etag))

    def _find(self, call: Callable[[], requests.Response]) -> Entry | None:
        try:
            return entry(self._read(call))
        except FaultError as error:
            if error.fault.status == MISSING:
                return None
            raise

    def _read(self, call: Callable[[], requests.Response]) -> Json:
        return _json(self._answer(READ, call))

    def _write(self, call: Callable[[], requests.Response]) -> Entry:
        response = self._answer(WRITE, call)
        return entry(_json(response)) if response.content else {}

    def _answer(self, sort: str, call: Callable[[], requests.Response]) -> requests.Response:
        repeat = self.patience.read if sort == READ else self.patience.write
        return repeat(lambda: self._counted(sort, call))

    def _counted(self, sort: str, call: Callable[[], requests.Response]) -> requests.Response:
        self.tally.add(HUB, sort)
        response = call()
        if sort == WRITE and (request_id := response.headers.get("x-ms-request-id")):
            self.tally.note(request_id)
        return response


def _json(response: requests.Response) -> Json:
    found = decoded(SERVICE, "reading its answer", response)
    if isinstance(found, Fault):
        raise FaultError(found)
    return found
