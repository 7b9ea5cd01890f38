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
from reconciler.providers.azure.values import Json
from reconciler.providers.azure.wire import decoded

if TYPE_CHECKING:
    from reconciler.providers.azure.hub_sdk import HubSdk

HUB = "hub"
SERVICE = "IoT Hub"
PAGE = 1000
MISSING = 404
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hub:
    sdk: HubSdk
    patience: Patience
    tally: Tally

    def configurations(self) -> list[Answer]:
        """All of them, foreign ones too: the service knows no paging here."""
        found: list[Answer] = self._read(self.sdk.get_configurations)
        return found

    def configuration(self, name: str) -> Answer | None:
        return self._find(lambda: self.sdk.get_configuration(name))

    def put_configuration(self, document: Mapping[str, Any], etag: str | None) -> Answer:
        """Create where `etag` is None, else update."""
        return self._write(lambda: self.sdk.put_configuration(document, etag))

    def delete_configuration(self, name: str, etag: str) -> None:
        self._write(lambda: self.sdk.delete_configuration(name, etag))

    def query(self, text: str) -> Iterator[Answer]:
        """The rows of a query, page by page, as they came."""
        token: str | None = None
        while True:
            response = self._answer(READ, partial(self.sdk.query, text, token, PAGE))
            yield from _json(response)
            token = response.headers.get("x-ms-continuation")
            if not token:
                return

    def twin(self, device: str) -> Answer | None:
        return self._find(lambda: self.sdk.get_twin(device))

    def patch_tags(self, device: str, tags: Mapping[str, Json], etag: str) -> Answer:
        """Merge `tags` into the twin's, if it is still the one that was read."""
        return self._write(lambda: self.sdk.patch_tags(device, tags, etag))

    def _find(self, call: Callable[[], requests.Response]) -> Answer | None:
        try:
            found: Answer = self._read(call)
        except FaultError as error:
            if error.fault.status == MISSING:
                return None
            raise
        return found

    def _read(self, call: Callable[[], requests.Response]) -> Any:  # noqa: ANN401 - JSON
        return _json(self._answer(READ, call))

    def _write(self, call: Callable[[], requests.Response]) -> Answer:
        response = self._answer(WRITE, call)
        found: Answer = _json(response) if response.content else {}
        return found

    def _answer(self, sort: str, call: Callable[[], requests.Response]) -> requests.Response:
        repeat = self.patience.read if sort == READ else self.patience.write
        return repeat(lambda: self._counted(sort, call))

    def _counted(self, sort: str, call: Callable[[], requests.Response]) -> requests.Response:
        self.tally.add(HUB, sort)
        return call()


def _json(response: requests.Response) -> Any:  # noqa: ANN401 - JSON
    found = decoded(SERVICE, "reading its answer", response)
    if isinstance(found, Fault):
        raise FaultError(found)
    return found
