"""Keeps the lease as tags of a device identity of its own, disabled and never one of the fleet.

The hub is the one place that every run of an environment reaches, and a twin's ETag the one thing
there that lets one of two writers win.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.edge.identity import LEASES, ROOT
from reconciler.model import mapping
from reconciler.providers.azure.fault import FaultError, told
from reconciler.providers.azure.hub import Hub
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.values import Entry, Json, frozen, words
from reconciler.providers.port import ConflictError, Held, ProviderError

LEAF = "lease"
STALE, EXISTS = 412, 409
ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class HubLeases:
    session: AzureSession
    environment: str

    @property
    def device(self) -> str:
        return f"{LEASES}{self.environment}"

    @property
    def _hub(self) -> Hub:
        return self.session.hub

    @told()
    def read(self) -> Held:
        """What stands there; the identity is made when it is looked for the first time."""
        twin = self._hub.twin(self.device)
        if twin is None:
            problem = self._make()
            twin = self._hub.twin(self.device)
            if twin is None and problem:
                raise problem
        return _held(twin or {})

    @told()
    def write(self, record: Mapping[str, str] | None, version: str) -> Held:
        """Put it there if `version` still stands; a lost answer is looked up, not guessed."""
        leaf: Json = None if record is None else dict(record)
        lost = ""
        for number in range(ATTEMPTS):
            try:
                return _held(self._hub.patch_tags(self.device, {ROOT: {LEAF: leaf}}, version))
            except FaultError as error:
                if not error.fault.ambiguous and error.fault.status not in {STALE, EXISTS}:
                    raise
                lost = str(error)
            now = self.read()
            if dict(now.record) == dict(record or {}):
                return now
            if now.version != version:
                raise ConflictError("the lease was taken by somebody else")
            self._hub.patience.pause(number)
        raise ProviderError(lost, "run again later: nothing was begun without the lease")

    def _make(self) -> FaultError | None:
        """What the hub said, if it did not say that it is done."""
        try:
            self._hub.create_device({"deviceId": self.device, "status": "disabled"})
        except FaultError as error:
            if error.fault.status != EXISTS and not error.fault.ambiguous:
                raise
            return error
        return None


def _held(twin: Entry) -> Held:
    tags = mapping(mapping(frozen(twin.get("tags"))).get(ROOT))
    return Held(words(tags.get(LEAF)), str(twin.get("etag", "")))
