"""Routes of twins, queries and direct methods."""

from __future__ import annotations

import json
import uuid

from starlette.routing import BaseRoute

from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.context import Context
from reconciler.emulator.endpoint import reads, writes
from reconciler.emulator.hub import query, refusal, rows, twins
from reconciler.emulator.hub.access import Right
from reconciler.emulator.hub.devices import SYSTEM_MODULES
from reconciler.emulator.hub.routes import Session, guarded, handled
from reconciler.emulator.hub.throttle import Operations
from reconciler.emulator.hub.twins import Change
from reconciler.emulator.hub.wire import moment

TWIN = "/twins/{device_id}"
MODULE = "/twins/{device_id}/modules/{module_id}"


def routes(context: Context) -> list[BaseRoute]:
    looks = [
        reads("GetTwin", "GET", TWIN, handled(_get)),
        reads("GetModuleTwin", "GET", MODULE, handled(_get)),
    ]
    changes = [
        writes("UpdateTwin", "PATCH", TWIN, handled(_patch)),
        writes("UpdateModuleTwin", "PATCH", MODULE, handled(_patch)),
        writes("ReplaceTwin", "PUT", TWIN, handled(_replace)),
        writes("ReplaceModuleTwin", "PUT", MODULE, handled(_replace)),
    ]
    methods = [
        writes("InvokeDeviceMethod", "POST", f"{TWIN}/methods", handled(_invoke)),
        writes("InvokeModuleMethod", "POST", f"{MODULE}/methods", handled(_invoke)),
    ]
    queries = [reads("GetTwins", "POST", "/devices/query", handled(_query))]
    right = Right.SERVICE_CONNECT
    return [
        *guarded(context, right, Operations.QUERY, queries),
        *guarded(context, right, Operations.TWIN_READ, looks),
        *guarded(context, right, Operations.TWIN_UPDATE, changes),
        *guarded(context, right, Operations.TWIN_READ, methods),
    ]


def _get(session: Session) -> Answer:
    return json_answer(twins.get(session.db, session.device_id, session.module_id))


def _patch(session: Session) -> Answer:
    return _write(session, replaces=False)


def _replace(session: Session) -> Answer:
    return _write(session, replaces=True)


def _write(session: Session, *, replaces: bool) -> Answer:
    if session.module_id in SYSTEM_MODULES and not session.switches.system_modules_patchable:
        raise refusal.reserved_module()
    change = Change(session.body(), replaces, session.match, session.now)
    twins.write(session.db, session.device_id, session.module_id, change)
    return _get(session)


def _query(session: Session) -> Answer:
    """The page size asked for is a wish; the continuation is absent on the last page."""
    wish = session.call.headers.get("x-ms-max-item-count", "")
    most = session.switches.page_size
    size = min(int(wish), most) if wish.isdigit() and int(wish) > 0 else most
    if session.switches.answers_late:
        query.synchronize(session.db, session.now, session.switches)
    text = str(session.body().get("query") or "")
    continuation = session.call.headers.get("x-ms-continuation", "")
    page = query.run(session.db, text, size, continuation, session.switches)
    told = json_answer(page.rows, x_ms_item_type=page.item_type)
    if not page.continuation:
        return told
    return told.with_headers({"x-ms-continuation": page.continuation})


def _invoke(session: Session) -> Answer:
    """No device here answers methods; the hub's error is JSON inside JSON."""
    if rows.find(session.db, session.device_id, session.module_id) is None:
        raise refusal.device_not_found(session.device_id)
    tracking = f"{uuid.uuid4().hex}-G:0-TimeStamp:{session.now:%m/%d/%Y %H:%M:%S}"
    inner = {
        "errorCode": 404103,
        "trackingId": tracking,
        "message": "Timed out waiting for device to connect.",
        "info": {},
        "timestampUtc": moment(session.now),
    }
    body = {"Message": json.dumps(inner), "ExceptionMessage": f"Tracking ID:{tracking}"}
    return json_answer(body, 404).with_headers({"iothub-errorcode": "DeviceNotOnline"})
