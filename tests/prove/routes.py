"""Every route that the reconciler calls, and what each service says there when it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from typing import Any

from reconciler.emulator import errors
from reconciler.emulator.errors import Family, ServiceError
from reconciler.emulator.faults import Fault

CONFLICT = 409
TEXT = "the proof ordered this answer"
SLOW = 2.5
"""Seconds until a connection is cut whose client waits no longer."""
_WORKSPACE = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers"
    "/Microsoft.MachineLearningServices/workspaces/{workspace}"
)
_FAMILIES = (
    ("/v2", Family.REGISTRY),
    ("/oauth2", Family.REGISTRY),
    ("/modelmanagement", Family.MODEL_MANAGEMENT),
    ("/artifact", Family.ARTIFACT),
    ("/environment", Family.ARTIFACT),
    ("/azureml", Family.BLOB),
    ("/configurations", Family.HUB),
    ("/devices", Family.HUB),
    ("/twins", Family.HUB),
    ("/subscriptions", Family.ARM),
)
_CODES: Mapping[int, str] = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "AuthorizationFailed",
    404: "NotFound",
    409: "Conflict",
    412: "PreconditionFailed",
    413: "RequestEntityTooLarge",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
}
_HUB_CODES: Mapping[int, str] = {
    400: "ArgumentInvalid",
    401: "IotHubUnauthorizedAccess",
    403: "IotHubForbidden",
    413: "ConfigurationCountLimitExceeded",
    429: "ThrottlingException",
    500: "ServerError",
}
_OF_CONFIGURATIONS = {404: "ConfigurationNotFound", 409: "ConfigurationAlreadyExists"}
_OF_DEVICES = {404: "DeviceNotFound", 409: "DeviceAlreadyExists"}


class Trouble(Enum):
    """What goes wrong."""

    S400 = "400"
    S401 = "401"
    S403 = "403"
    S404 = "404"
    S409 = "409"
    S412 = "412"
    S413 = "413"
    S429 = "429"
    S500 = "500"
    S503 = "503"
    TIME_OUT = "time-out"
    DROP = "drop"
    LOST = "lost"

    @property
    def status(self) -> int:
        """0 where there is no answer."""
        return int(self.value) if self.value.isdigit() else 0


@dataclass(frozen=True, order=True, slots=True)
class Route:
    method: str
    template: str

    @property
    def write(self) -> bool:
        return self.method not in {"GET", "HEAD"} and not self.template.endswith("/query")

    @property
    def family(self) -> Family:
        found = (family for start, family in _FAMILIES if self.template.startswith(start))
        return next(found, Family.TOKEN)

    def __str__(self) -> str:
        template = self.template.replace(_WORKSPACE, "/WORKSPACE")
        return f"{self.method} {template.replace(':path', '')}"

    @property
    def match(self) -> str:
        """A pattern for the emulator's fault rules."""
        pattern = re.sub(r"\\{\w+:path\\}", ".+", re.escape(self.template))
        pattern = re.sub(r"\\{\w+\\}", "[^/?]+", pattern)
        return rf"^{self.method} {pattern}(\?|$)"

    def fault(self, trouble: Trouble, *, times: int) -> Fault:
        """The rule that makes it go wrong; for ever where `times` is 0."""
        match trouble:
            case Trouble.TIME_OUT:
                return Fault(self.match, delay=SLOW, drop=True, times=times)
            case Trouble.DROP:
                return Fault(self.match, drop=True, times=times)
            case Trouble.LOST:
                return Fault(self.match, drop_after=True, times=times)
            case _:
                return self._answered(trouble.status, times)

    def _answered(self, status: int, times: int) -> Fault:
        error = ServiceError(status, self._code(status), TEXT)
        told = errors.answer(self.family, error, datetime(2026, 1, 1, tzinfo=timezone.utc))
        body = told.body.decode() if isinstance(told.body, bytes) and self.method != "HEAD" else ""
        headers = {**told.headers, "Content-Type": told.media_type}
        return Fault(self.match, status=status, body=body, headers=headers, times=times)

    def _code(self, status: int) -> str:
        if self.family is Family.BLOB and status == CONFLICT:
            return "BlobAlreadyExists"
        if self.family is not Family.HUB:
            return _CODES[status]
        own = _OF_CONFIGURATIONS if self.template.startswith("/configurations") else _OF_DEVICES
        return own.get(status) or _HUB_CODES.get(status) or _CODES[status]


def routes(summary: Mapping[str, Any]) -> Iterable[Route]:
    """What the emulator counted."""
    return sorted(Route(row["method"], row["template"]) for row in summary["served"])
