"""What a simulated agent is told to be like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from reconciler.emulator.errors import ServiceError
from reconciler.emulator.hub.wire import dump, load


class Mode(Enum):
    """SLOW takes `seconds` for each pull; FAILING pulls nothing; CRASHING starts modules that
    exit; OFFLINE is not there.
    """

    ONLINE = "online"
    OFFLINE = "offline"
    SLOW = "slow"
    FAILING = "failing"
    CRASHING = "crashing"


@dataclass(frozen=True)
class Behaviour:
    """`modules` narrows SLOW, FAILING and CRASHING; none named means all but the system's."""

    mode: Mode = Mode.ONLINE
    seconds: float = 60.0
    modules: tuple[str, ...] = ()

    def concerns(self, mode: Mode, module: str, *, system: bool) -> bool:
        if self.mode is not mode:
            return False
        return module in self.modules if self.modules else not system

    def as_text(self) -> str:
        return dump(asdict(self) | {"mode": self.mode.value})


def parse(given: str | Mapping[str, Any]) -> Behaviour:
    """From `"offline"`, or from `{"mode": "slow", "seconds": 90, "modules": ["m"]}`."""
    told = {"mode": given} if isinstance(given, str) else dict(given)
    try:
        return Behaviour(
            Mode(told.get("mode", Mode.ONLINE.value)),
            float(told.get("seconds", Behaviour.seconds)),
            tuple(told.get("modules", ())),
        )
    except (ValueError, TypeError) as error:
        raise ServiceError(400, "BadAgent", str(error)) from error


def stored(text: str) -> Behaviour:
    return parse(load(text))
