"""Routes below `/_emulator/` for what only the hub has: agents, history, switches."""

from __future__ import annotations

from dataclasses import asdict

from starlette.routing import BaseRoute

from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.context import Context
from reconciler.emulator.endpoint import endpoints, reads, writes
from reconciler.emulator.errors import Family, ServiceError
from reconciler.emulator.hub import agents, behaviour, history, switches
from reconciler.emulator.hub.routes import Session, handled


def routes(context: Context) -> list[BaseRoute]:
    operations = [
        reads("Agents", "GET", "/_emulator/agents", handled(_agents)),
        writes("InstructAgents", "POST", "/_emulator/agents", handled(_instruct)),
        reads("History", "GET", "/_emulator/history", handled(_history)),
        reads("Switches", "GET", "/_emulator/hub", handled(_switches)),
        writes("Switch", "POST", "/_emulator/hub", handled(_switch)),
    ]
    return endpoints(context, operations, Family.CONTROL)


def _agents(session: Session) -> Answer:
    return json_answer(agents.listed(session.db))


def _instruct(session: Session) -> Answer:
    """`{"devices": ["a"], "mode": "slow", "seconds": 90, "modules": ["m"]}`; all without ids."""
    given = session.body()
    ids = given.get("devices")
    changed = agents.instruct(session.db, ids, behaviour.parse(given))
    if ids is not None and changed != len(ids):
        raise ServiceError(404, "NoSuchAgent", f"not all of {ids} are edge devices")
    return json_answer({"devices": changed})


def _history(session: Session) -> Answer:
    return json_answer({"events": history.listed(session.db, session.call.query)})


def _switches(session: Session) -> Answer:
    return json_answer(asdict(session.switches))


def _switch(session: Session) -> Answer:
    switches.switch(session.db, session.body())
    return json_answer(asdict(switches.current(session.db, session.call.context.settings)))
