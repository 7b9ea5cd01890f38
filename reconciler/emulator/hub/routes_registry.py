"""Routes of the identity registry: devices, modules, statistics."""

from __future__ import annotations

from starlette.routing import BaseRoute

from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.context import Context
from reconciler.emulator.endpoint import reads, writes
from reconciler.emulator.hub import bulk, devices, modules, refusal, throttle
from reconciler.emulator.hub.access import Right
from reconciler.emulator.hub.routes import NO_CONTENT, Session, guarded, handled, tagged
from reconciler.emulator.hub.throttle import Operations

MOST_DEVICES = 1000
DEVICE = "/devices/{device_id}"
MODULES = "/devices/{device_id}/modules"
MODULE = "/devices/{device_id}/modules/{module_id}"


def routes(context: Context) -> list[BaseRoute]:
    looks = [
        reads("GetDevices", "GET", "/devices", handled(_list)),
        reads("GetDevice", "GET", DEVICE, handled(_get)),
        reads("GetModules", "GET", MODULES, handled(_list_modules)),
        reads("GetModule", "GET", MODULE, handled(_get_module)),
        reads("GetDeviceStatistics", "GET", "/statistics/devices", handled(_device_statistics)),
    ]
    changes = [
        writes("BulkRegistryOperations", "POST", "/devices", handled(_bulk)),
        writes("CreateOrUpdateDevice", "PUT", DEVICE, handled(_put)),
        writes("DeleteDevice", "DELETE", DEVICE, handled(_delete)),
        writes("CreateOrUpdateModule", "PUT", MODULE, handled(_put_module)),
        writes("DeleteModule", "DELETE", MODULE, handled(_delete_module)),
    ]
    serves = [
        reads("GetServiceStatistics", "GET", "/statistics/service", handled(_service_statistics))
    ]
    return [
        *guarded(context, Right.REGISTRY_READ, Operations.REGISTRY, looks),
        *guarded(context, Right.REGISTRY_WRITE, Operations.REGISTRY, changes),
        *guarded(context, Right.SERVICE_CONNECT, Operations.REGISTRY, serves),
    ]


def _list(session: Session) -> Answer:
    top = session.call.query.get("top", str(MOST_DEVICES))
    if not top.isdigit() or not 1 <= int(top) <= MOST_DEVICES:
        raise refusal.argument_invalid(f"top {top}")
    return json_answer(devices.listed(session.db, int(top)))


def _get(session: Session) -> Answer:
    return tagged(devices.get(session.db, session.device_id))


def _put(session: Session) -> Answer:
    given = session.body()
    if given.get("deviceId", session.device_id) != session.device_id:
        raise refusal.argument_invalid("The id of the body is not the id of the path")
    told = devices.put(session.db, session.device_id, given, session.match, session.now)
    return tagged(told)


def _delete(session: Session) -> Answer:
    devices.delete(session.db, session.device_id, session.match, session.now)
    return NO_CONTENT


def _bulk(session: Session) -> Answer:
    """Throttled by the device; 400 with the result model when any device failed."""
    given = session.call.json_list()
    more = max(len(given) - 1, 0)
    throttle.admit(session.db, Operations.REGISTRY, more, session.now, session.switches)
    result = bulk.run(session.db, given, session.hub, session.now)
    return json_answer(result, 200 if result["isSuccessful"] else 400)


def _list_modules(session: Session) -> Answer:
    return json_answer(modules.listed(session.db, session.device_id))


def _get_module(session: Session) -> Answer:
    return json_answer(modules.get(session.db, session.device_id, session.module_id))


def _put_module(session: Session) -> Answer:
    key = (session.device_id, session.module_id)
    if session.match.is_absent:
        modules.create(session.db, key, session.body(), session.hub, session.now)
    else:
        modules.update(session.db, key, session.body(), session.match, session.now)
    return _get_module(session)


def _delete_module(session: Session) -> Answer:
    modules.delete(session.db, session.device_id, session.module_id, session.match)
    return NO_CONTENT


def _device_statistics(session: Session) -> Answer:
    query = (
        "SELECT count(*), coalesce(sum(status = 'enabled'), 0) FROM hub_identity"
        " WHERE module_id = ''"
    )
    total, enabled = session.db.execute(query).fetchone()
    return json_answer(
        {
            "totalDeviceCount": total,
            "enabledDeviceCount": enabled,
            "disabledDeviceCount": total - enabled,
        }
    )


def _service_statistics(session: Session) -> Answer:
    query = (
        "SELECT count(*) FROM hub_identity WHERE module_id = '' AND connection_state = 'Connected'"
    )
    return json_answer({"connectedDeviceCount": session.db.execute(query).fetchone()[0]})
