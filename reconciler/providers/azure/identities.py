"""Identities of devices: registered by the hundred, changed without losing what they hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from reconciler.model import Secret
from reconciler.providers.azure.device_json import kind_of
from reconciler.providers.azure.fault import FaultError, told
from reconciler.providers.azure.paced import Ledger, again
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.values import Entry, Json, entry
from reconciler.providers.port import DeviceLogin, ProviderError

BULK = 100
"""https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling"""
EXISTS = "DeviceAlreadyExists"
KEYS = ("primaryKey", "secondaryKey")


@dataclass(frozen=True, slots=True)
class Identities:
    session: AzureSession
    _scopes: dict[str, str] = field(default_factory=dict)

    def get(self, device: str) -> Entry | None:
        """As the hub holds it; its keys are secrets from here on."""
        found = self.session.hub.device(device)
        self._learn(found or {})
        return found

    def scope(self, device: str) -> str:
        """By which a device that is below this one says so; asked once, nothing for nobody."""
        if not device:
            return ""
        if device not in self._scopes:
            self._scopes[device] = self._scope(device)
        return self._scopes[device]

    def _scope(self, device: str) -> str:
        found = self.get(device)
        edge = found is not None and entry(found.get("capabilities")).get("iotEdge") is True
        if found is None or not edge:
            problem = "is not registered" if found is None else "has no IoT Edge"
            raise ProviderError(f"the parent {device} {problem}", "register it first")
        return str(found["deviceScope"])

    def register(self, devices: Sequence[Mapping[str, Json]], ledger: Ledger) -> list[str]:
        """Those that are there already, by whomever: everything else is done or noted."""
        there: list[str] = []
        for start in range(0, len(devices), BULK):
            if ledger.over:
                break
            batch = devices[start : start + BULK]
            try:
                refused = again(
                    self.session.hub.patience, partial(self.session.hub.register, batch)
                )
            except FaultError as error:
                ledger.fail(str(batch[0]["id"]), error)
                ledger.stopped = ledger.stopped or str(error)
                break
            exists = [str(each["deviceId"]) for each in refused if each.get("errorCode") == EXISTS]
            others = [each for each in refused if each.get("errorCode") != EXISTS]
            for each in others:
                ledger.fail(str(each["deviceId"]), _refused(each))
            there += exists
            ledger.advance(len(batch) - len(refused))
        return there

    def register_one(self, device: Mapping[str, Json]) -> None:
        """That it is there by now is no failure: whoever comes next looks at it again."""
        for each in self.session.hub.register([device]):
            if each.get("errorCode") != EXISTS:
                raise _refused(each)

    def change(self, device: str, edit: Callable[[Entry], Entry]) -> None:
        """Write it as it was read, with what `edit` changes: its keys and capabilities stay."""

        def attempt() -> None:
            have = self.get(device)
            if have is None:
                raise ProviderError(f"{device} is not registered any more", "plan again")
            want = edit(have)
            if want != have:
                self._learn(self.session.hub.put_device(want, str(have["etag"])))

        again(self.session.hub.patience, attempt)

    @told()
    def login(self, device: str) -> DeviceLogin | None:
        """With the first of its keys, for whoever asked for exactly that."""
        host = self.session.connection.hub.host
        found = self.get(device)
        if found is None:
            return None
        kind = kind_of(found)
        held = [key.reveal() for key in keys(found)] if kind == "sas" else []
        text = f"HostName={host};DeviceId={device};SharedAccessKey={held[0]}" if held else ""
        return DeviceLogin(host, kind, Secret(text) if text else None)

    def delete(self, device: str) -> None:
        def attempt() -> None:
            have = self.get(device)
            if have is not None:
                self.session.hub.delete_device(device, str(have["etag"]))

        again(self.session.hub.patience, attempt)

    def _learn(self, identity: Entry) -> None:
        for key in keys(identity):
            self.session.surroundings.learn(key)


def keys(identity: Entry) -> list[Secret]:
    """The symmetric keys that an identity holds, the first one first."""
    held = entry(entry(identity.get("authentication")).get("symmetricKey"))
    return [Secret(str(held[name])) for name in KEYS if held.get(name)]


def _refused(error: Entry) -> ProviderError:
    return ProviderError(f"{error.get('errorCode')}: {error.get('errorStatus')}")
