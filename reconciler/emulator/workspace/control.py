"""`/_emulator/builds`: what is being built, and which builds are to fail or take long."""

from __future__ import annotations

import re

from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.endpoint import Call, Operation, reads, writes
from reconciler.emulator.errors import ServiceError
from reconciler.emulator.workspace import builds, rules


def operations() -> list[Operation]:
    return [
        reads("Builds", "GET", "/_emulator/builds", _builds),
        writes("AddBuildRule", "POST", "/_emulator/builds", _add_rule),
        writes("ClearBuildRules", "DELETE", "/_emulator/builds", _clear_rules),
    ]


def _builds(call: Call) -> Answer:
    told = [
        {
            "id": build.id,
            "purpose": build.purpose.value,
            "subject": build.subject,
            "state": build.state.value,
            "ends": build.ends.isoformat(),
        }
        for build in builds.every(call.context)
    ]
    return json_answer({"builds": told})


def _add_rule(call: Call) -> Answer:
    try:
        rules.add(call.context, call.json())
    except re.error as error:
        raise ServiceError(400, "BadRule", str(error)) from error
    return _builds(call)


def _clear_rules(call: Call) -> Answer:
    rules.clear(call.context)
    return _builds(call)
