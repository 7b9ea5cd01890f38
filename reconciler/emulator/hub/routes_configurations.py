"""Routes of configurations."""

from __future__ import annotations

from starlette.routing import BaseRoute

from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.context import Context
from reconciler.emulator.endpoint import reads, writes
from reconciler.emulator.hub import (
    condition,
    configurations,
    content,
    devices,
    query,
    refusal,
    rollout,
    rows,
)
from reconciler.emulator.hub.access import Right
from reconciler.emulator.hub.configurations import Writing
from reconciler.emulator.hub.content import Kind
from reconciler.emulator.hub.routes import NO_CONTENT, Session, guarded, handled, tagged
from reconciler.emulator.hub.throttle import Operations

ONE = "/configurations/{id}"
TEST = "/configurations/testQueries"
APPLY = "/devices/{device_id}/applyConfigurationContent"


def routes(context: Context) -> list[BaseRoute]:
    looks = [
        reads("GetConfigurations", "GET", "/configurations", handled(_list)),
        reads("GetConfiguration", "GET", ONE, handled(_get)),
        reads("TestConfigurationQueries", "POST", TEST, handled(_test)),
    ]
    changes = [
        writes("CreateOrUpdateConfiguration", "PUT", ONE, handled(_put)),
        writes("DeleteConfiguration", "DELETE", ONE, handled(_delete)),
        writes("ApplyOnEdgeDevice", "POST", APPLY, handled(_apply)),
    ]
    return [
        *guarded(context, Right.REGISTRY_READ, Operations.CONFIGURATION_READ, looks),
        *guarded(context, Right.REGISTRY_WRITE, Operations.CONFIGURATION_WRITE, changes),
    ]


def _list(session: Session) -> Answer:
    return json_answer(configurations.listed(session.db))


def _get(session: Session) -> Answer:
    return tagged(configurations.get(session.db, session.id))


def _put(session: Session) -> Answer:
    writing = Writing(session.match, session.now, session.switches)
    return tagged(configurations.put(session.db, session.id, session.body(), writing))


def _delete(session: Session) -> Answer:
    configurations.delete(session.db, session.id, session.match, session.now)
    return NO_CONTENT


def _test(session: Session) -> Answer:
    """Errors are in the body; `*` is refused here though a PUT takes it."""
    given = session.body()
    target = str(given.get("targetCondition") or "")
    queries = given.get("customMetricQueries") or {}
    errors = {name: error for name, text in queries.items() if (error := query.check(text))}
    return json_answer(
        {"targetConditionError": _condition_error(target), "customMetricQueryErrors": errors}
    )


def _condition_error(target: str) -> str | None:
    if target.strip() == condition.ALL:
        return "BadRequest"
    try:
        condition.select(target)
    except condition.ConditionError as error:
        return str(error)
    return None


def _apply(session: Session) -> Answer:
    """ "Set modules": it holds until the device is evaluated again."""
    device = devices.existing(session.db, session.device_id)
    if not device["edge"]:
        raise refusal.argument_invalid("Not an Azure IoT Edge device")
    given = content.check(session.body())
    if Kind.EDGE.value not in given:
        raise refusal.invalid_content()
    rollout.apply_by_hand(session.db, session.device_id, given[Kind.EDGE.value], session.now)
    rows.touch(session.db, rows.DEVICE, session.device_id, session.now)
    return NO_CONTENT
