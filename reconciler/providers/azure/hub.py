"""The hub, as raw JSON: what is repeated, how fast, and what is counted.

A read is repeated; a write is sent once, unless the hub says that it was throttled away. What
became of a write whose answer was lost is for `configurations` to find out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import requests

from reconciler.providers.azure.fault import Cause, Fault, FaultError
from reconciler.providers.azure.limiter import Limiter, Operations
from reconciler.providers.azure.patience import Patience
from reconciler.providers.azure.tally import READ, WRITE, Tally
from reconciler.providers.azure.values import Entry, Json, entries, entry
from reconciler.providers.azure.wire import decoded

if TYPE_CHECKING:
    from reconciler.providers.azure.hub_sdk import HubSdk

Call: TypeAlias = Callable[[], requests.Response]

HUB = "hub"
SERVICE = "IoT Hub"
PAGE = 1000
MISSING = 404


@dataclass(frozen=True, slots=True)
class Hub:
    sdk: HubSdk
    patience: Patience
    tally: Tally
    limiter: Limiter

    def configurations(self) -> list[Entry]:
        """All of them, foreign ones too: the service knows no paging here."""
        return entries(self._read(Operations.CONFIGURATIONS, self.sdk.get_configurations))

    def configuration(self, name: str) -> Entry | None:
        return self._find(Operations.CONFIGURATIONS, lambda: self.sdk.get_configuration(name))

    def put_configuration(self, document: Mapping[str, Any], etag: str | None) -> Entry:
        """Create where `etag` is None, else update."""
        put = partial(self.sdk.put_configuration, document, etag)
        return self._write(Operations.CONFIGURATIONS, put)

    def delete_configuration(self, name: str, etag: str) -> None:
        delete = partial(self.sdk.delete_configuration, name, etag)
        self._write(Operations.CONFIGURATIONS, delete)

    def query(self, text: str) -> Iterator[Entry]:
        """The rows of a query, page by page, as they came."""
        token: str | None = None
        seen: set[str] = set()
        while True:
            page = partial(self.sdk.query, text, token, PAGE)
            response = self._answer(READ, Operations.QUERIES, page)
            yield from _rows(response)
            token = response.headers.get("x-ms-continuation")
            if not token:
                return
            if token in seen:
                raise FaultError(_unfit("it goes on with a page that it has shown before"))
            seen.add(token)

    def twin(self, device: str) -> Entry | None:
        return self._find(Operations.TWIN_READS, lambda: self.sdk.get_twin(device))

    def create_device(self, identity: Mapping[str, Json]) -> Entry:
        """Register an identity; one that is there already is a conflict."""
        return self._write(Operations.REGISTRY, lambda: self.sdk.create_device(identity))

    def device(self, name: str) -> Entry | None:
        """Its identity, with the keys: whoever reads it must have them masked."""
        return self._find(Operations.REGISTRY, lambda: self.sdk.get_device(name))

    def put_device(self, identity: Mapping[str, Json], etag: str) -> Entry:
        """Replace an identity as a whole, if it is still the one that was read."""
        return self._write(Operations.REGISTRY, lambda: self.sdk.put_device(identity, etag))

    def delete_device(self, name: str, etag: str) -> None:
        self._write(Operations.REGISTRY, lambda: self.sdk.delete_device(name, etag))

    def register(self, devices: Sequence[Mapping[str, Json]]) -> list[Entry]:
        """Up to a hundred at once, of which the hub counts each. Gives what was refused."""

        def call() -> requests.Response:
            self.limiter.turn(Operations.REGISTRY, len(devices) - 1)
            return self.sdk.register(devices)

        result = self._write(Operations.REGISTRY, call)
        return entries(result.get("errors"))

    def patch_tags(self, device: str, tags: Mapping[str, Json], etag: str) -> Entry:
        """Merge `tags` into the twin's, if it is still the one that was read."""
        patch = partial(self.sdk.patch_tags, device, tags, etag)
        return self._write(Operations.TWIN_UPDATES, patch)

    def _find(self, operations: Operations, call: Call) -> Entry | None:
        try:
            return entry(self._read(operations, call))
        except FaultError as error:
            if error.fault.status == MISSING:
                return None
            raise

    def _read(self, operations: Operations, call: Call) -> Json:
        return _json(self._answer(READ, operations, call))

    def _write(self, operations: Operations, call: Call) -> Entry:
        response = self._answer(WRITE, operations, call)
        return entry(_json(response)) if response.content else {}

    def _answer(self, sort: str, operations: Operations, call: Call) -> requests.Response:
        repeat = self.patience.read if sort == READ else self.patience.write
        return repeat(lambda: self._paced(sort, operations, call))

    def _paced(self, sort: str, operations: Operations, call: Call) -> requests.Response:
        self.limiter.turn(operations)
        try:
            return self._counted(sort, call)
        except FaultError as error:
            if error.fault.throttled:
                self.limiter.refused(operations)
            raise

    def _counted(self, sort: str, call: Call) -> requests.Response:
        self.tally.add(HUB, sort)
        response = call()
        if sort == WRITE and (request_id := response.headers.get("x-ms-request-id")):
            self.tally.note(request_id)
        return response


def _rows(response: requests.Response) -> list[Entry]:
    """Each of a device: what cannot be counted must not be left out of a count."""
    found = _json(response)
    if not isinstance(found, list) or not all("deviceId" in entry(row) for row in found):
        raise FaultError(_unfit("a row is of no device"))
    return entries(found)


def _unfit(text: str) -> Fault:
    return Fault(SERVICE, "querying the devices", Cause.BROKEN, text=text)


def _json(response: requests.Response) -> Json:
    found = decoded(SERVICE, "reading its answer", response)
    if isinstance(found, Fault):
        raise FaultError(found)
    return found
