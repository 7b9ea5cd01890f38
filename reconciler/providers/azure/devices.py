"""Reads the fleet's twins, of which only what conditions look at: one query, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.edge.condition import Field, path_text
from reconciler.edge.identity import LEASES
from reconciler.edge.twin import Twin
from reconciler.providers.azure.fault import told
from reconciler.providers.azure.projection import LONGEST, put
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.values import Entry, entry
from reconciler.providers.port import DeniedError, IncompleteError, ProviderError

SOURCE = "FROM devices WHERE capabilities.iotEdge = true"
WHOLE: Mapping[str, Field] = {
    "tags": Field(("tags",)),
    "reported": Field(("properties", "reported")),
}
ID = Field(("deviceId",))
CONNECTION = "connectionState"


@dataclass(frozen=True, slots=True)
class HubDevices:
    """All devices with IoT Edge; the lease's own identity has none."""

    session: AzureSession

    def __call__(self, fields: Sequence[Field], only: str = "") -> Iterable[Twin]:
        wanted = _short_enough([field for field in fields if field != ID])
        return tuple(self._one(only) if only else self._read(wanted))

    @told()
    def _one(self, device: str) -> Iterator[Twin]:
        """By its id: what queries say lags behind."""
        twin = self.session.hub.twin(device)
        if twin is not None:
            edge = entry(twin.get("capabilities")).get("iotEdge") is True
            reported = entry(entry(twin.get("properties")).get("reported"))
            yield Twin(device, edge, entry(twin.get("tags")), reported, _connected(twin))

    def _read(self, wanted: Mapping[str, Field]) -> list[Twin]:
        """In one order whoever asks: the first of its kind stands for the others in what is told.

        Pages that show one device again may have passed over another.
        """
        found: dict[str, Twin] = {}
        twice = ""
        try:
            with told():
                for twin in _twins(self.session.hub.query(query(wanted)), wanted):
                    twice = twice or (twin.device if twin.device in found else "")
                    found[twin.device] = twin
        except DeniedError:
            raise
        except ProviderError as error:
            said = f"the hub stopped listing its devices after {len(found):,} of them: {error}"
            raise IncompleteError(said, _sorted(found), error.remedy) from error
        if twice:
            said = f"the list of devices moved while it was read: {twice} came twice"
            raise IncompleteError(said, _sorted(found), "plan again")
        return _sorted(found)


def _sorted(found: Mapping[str, Twin]) -> list[Twin]:
    return [found[name] for name in sorted(found)]


def query(wanted: Mapping[str, Field]) -> str:
    """What is asked: every field under a short name."""
    columns = [f"{path_text(field.path)} AS {name}" for name, field in wanted.items()]
    return f"SELECT {', '.join(['deviceId', CONNECTION, *columns])} {SOURCE}"


def _short_enough(fields: Sequence[Field]) -> Mapping[str, Field]:
    """Field by field; whole sections where the query would get too long."""
    wanted = {f"f{at}": field for at, field in enumerate(fields)}
    return wanted if len(query(wanted).encode()) <= LONGEST else WHOLE


def _twins(rows: Iterable[Entry], wanted: Mapping[str, Field]) -> Iterator[Twin]:
    for row in rows:
        device = str(row["deviceId"])
        if device.startswith(LEASES):
            continue
        found: dict[str, Any] = {}
        for name, field in wanted.items():
            if name in row:
                put(found, field.path, row[name])
        properties = found.get("properties", {})
        tags, reported = found.get("tags", {}), properties.get("reported", {})
        yield Twin(device, tags=tags, reported=reported, connected=_connected(row))


def _connected(told: Entry) -> bool | None:
    """Of the device itself: what its modules' links say would take a query of its own."""
    state = told.get(CONNECTION)
    return state == "Connected" if isinstance(state, str) else None
