"""`POST /devices`: up to a hundred devices or modules, each for itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciler.emulator.errors import ServiceError
from reconciler.emulator.hub import devices, modules, refusal, twins
from reconciler.emulator.hub.match import Match
from reconciler.emulator.hub.twins import Change

MOST = 100
ANY = Match("*")


@dataclass(frozen=True)
class Item:
    """One device or module of the call, spelled as in import files."""

    db: sqlite3.Connection
    given: Mapping[str, Any]
    hub: str
    now: datetime

    @property
    def device_id(self) -> str:
        return str(self.given.get("id", ""))

    @property
    def module_id(self) -> str:
        return str(self.given.get("moduleId") or "")

    @property
    def mode(self) -> str:
        return str(self.given.get("importMode") or "create").lower()

    @property
    def match(self) -> Match:
        return Match(str(self.given.get("eTag") or "*"))


def run(
    db: sqlite3.Connection, given: list[Mapping[str, Any]], hub: str, now: datetime
) -> dict[str, Any]:
    """The result model; whether it goes out with 200 or 400 is `isSuccessful`."""
    if len(given) > MOST:
        raise refusal.too_many_devices()
    items = [Item(db, each, hub, now) for each in given]
    keys = [(item.device_id, item.module_id) for item in items]
    if len(set(keys)) < len(keys):
        raise ServiceError(400, "DeviceDefinedMultipleTimes", "BadRequest")
    errors = [error for item in items if (error := _carried_out(item))]
    return {"isSuccessful": not errors, "errors": errors, "warnings": []}


def _carried_out(item: Item) -> dict[str, Any] | None:
    item.db.execute("SAVEPOINT item")
    try:
        _MODES.get(item.mode, _unknown)(item)
    except ServiceError as error:
        item.db.execute("ROLLBACK TO item")
        return {
            "deviceId": item.device_id,
            "moduleId": item.module_id or None,
            "errorCode": error.code,
            "errorStatus": error.message,
            "operation": item.mode,
        }
    return None


def _unknown(item: Item) -> None:
    raise refusal.argument_invalid(f"importMode {item.mode}")


def _create(item: Item) -> None:
    if item.module_id:
        key = (item.device_id, item.module_id)
        modules.create(item.db, key, item.given, item.hub, item.now)
    else:
        devices.create(item.db, item.device_id, item.given, item.now)
    if item.given.get("tags") or item.given.get("properties"):
        _write_twin(item, Match())


def _update(item: Item) -> None:
    _replace(item, ANY)


def _update_if_match(item: Item) -> None:
    _replace(item, item.match)


def _replace(item: Item, match: Match) -> None:
    if item.module_id:
        key = (item.device_id, item.module_id)
        modules.update(item.db, key, item.given, match, item.now)
    else:
        devices.update(item.db, item.device_id, item.given, match, item.now)


def _delete(item: Item) -> None:
    _remove(item, ANY)


def _delete_if_match(item: Item) -> None:
    _remove(item, item.match)


def _remove(item: Item, match: Match) -> None:
    if item.module_id:
        modules.delete(item.db, item.device_id, item.module_id, match)
    else:
        devices.delete(item.db, item.device_id, match, item.now)


def _update_twin(item: Item) -> None:
    _write_twin(item, ANY)


def _update_twin_if_match(item: Item) -> None:
    tag = str(item.given.get("twinETag") or "*")
    _write_twin(item, Match(tag if tag[0] in '*"' else f'"{tag}"'))


def _write_twin(item: Item, match: Match) -> None:
    """ "Existing information is overwritten with the provided input data", say the SDKs."""
    change = Change(item.given, replaces=True, match=match, now=item.now)
    twins.write(item.db, item.device_id, item.module_id, change)


_MODES: Mapping[str, Callable[[Item], None]] = {
    "create": _create,
    "update": _update,
    "updateifmatchetag": _update_if_match,
    "delete": _delete,
    "deleteifmatchetag": _delete_if_match,
    "updatetwin": _update_twin,
    "updatetwinifmatchetag": _update_twin_if_match,
}
