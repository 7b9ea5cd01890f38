"""What a service answered when it did not do what it was asked, and what to tell a person.

Every foreign exception becomes a `Fault` where it is caught; `refusal` is the only place that
turns one into the port's errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from reconciler.providers.port import ConflictError, DeniedError, ProviderError

UNAUTHORIZED = 401
THROTTLED = 429
AMBIGUOUS = frozenset({408, 500, 502, 503, 504})


class Cause(Enum):
    ANSWERED = "answered"  # with a status that is not success
    DROPPED = "dropped"  # after it was sent: nobody knows whether it was carried out
    UNREACHABLE = "unreachable"  # before it was sent
    UNTRUSTED = "untrusted"  # the certificate was refused
    REFUSED = "refused"  # by the client, before anything was sent
    NOBODY = "nobody"  # there is no identity to sign the request with, or it is malformed
    BROKEN = "broken"  # an answer that makes no sense


@dataclass(frozen=True, slots=True)
class Fault:
    """One failed request, as data: it also crosses the pipe from the worker."""

    service: str
    doing: str
    cause: Cause
    status: int = 0
    """The HTTP status; 0 where there was no answer, or the client hides it."""
    code: str = ""
    """The service's own name for the error."""
    text: str = ""
    request_id: str = ""
    begun: bool = False
    """Whether something was made before this went wrong: an SDK's call is many requests."""

    @property
    def ambiguous(self) -> bool:
        """Whether what was asked for may have been carried out all the same."""
        return (
            self.begun
            or self.cause is Cause.DROPPED
            or (self.cause is Cause.ANSWERED and self.status in AMBIGUOUS)
        )

    @property
    def throttled(self) -> bool:
        """Whether it was sent away, to come again later."""
        return self.status == THROTTLED and not self.begun

    @property
    def unauthorized(self) -> bool:
        """Whether it was sent away for want of a good token."""
        return self.status == UNAUTHORIZED and not self.begun

    def __str__(self) -> str:
        said = ": ".join(part for part in (self.code, self.text) if part)
        status = f" (HTTP {self.status})" if self.status else ""
        request = f" [request {self.request_id}]" if self.request_id else ""
        return f"{self.service}, {self.doing}: {said or self.cause.value}{status}{request}"


class FaultError(Exception):
    """Carries a fault to whoever can decide what it means."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@contextmanager
def told() -> Iterator[None]:
    """Turn what nobody could decide on into what a person can act on: a handler's last line."""
    try:
        yield
    except FaultError as error:
        raise refusal(error.fault) from error


_ROLES = {
    "IoT Hub": "give this identity the role IoT Hub Data Reader for a plan and IoT Hub Data"
    " Contributor for an apply, or use a connection string with the rights of the policy"
    " registryReadWrite; Owner of the subscription has no rights on the data",
    "workspace": "give this identity the role AzureML Data Scientist on the workspace; reading its"
    " registry's keys needs Contributor",
    "registry": "give this identity the role AcrPull on the registry",
}
_SIGN_IN = {
    "IoT Hub": "with a connection string, check that its key is current and that its policy has the"
    " rights of registryReadWrite; with an Azure identity, give it the role IoT Hub Data Reader"
    " for a plan and IoT Hub Data Contributor for an apply",
    "workspace": "sign in again (az login): the token is expired or of another tenant",
}
_NO_IDENTITY = (
    "sign in (az login), or copy the hub's connection string again"
    " (az iot hub connection-string show)"
)
_MISSING = {
    "IoT Hub": "check the host name in the environment's `hub`",
    "workspace": "check subscriptionId, resourceGroup and name in the environment's `workspace`",
}
_ADVICE = {
    Cause.UNTRUSTED: "its certificate is not trusted here: set REQUESTS_CA_BUNDLE to your CA",
    Cause.DROPPED: "run again: a run looks first at what was done already",
    Cause.REFUSED: "correct what it names, and run again",
    Cause.BROKEN: "see what answers in the service's place, and run again",
}
_LATER = {
    THROTTLED: "the service is throttling; try again in a minute",
    **dict.fromkeys(AMBIGUOUS, "the service has a problem of its own; try again later"),
}
_CORRECT = "correct what the service names, and run again"
_GONE = "see whether it still exists, and plan again"
_OBJECTS = {"ConfigurationNotFound", "DeviceNotFound", "ModuleNotFound"}
_CODES = {
    "OperationNotAvailableInCurrentTier": "deployments need a hub of the free or the standard tier",
    "IotHubQuotaExceeded": "wait until midnight UTC, when the hub's quota begins anew, or add"
    " units",
    "ConfigurationCountLimitExceeded": "a hub holds 100 configurations: delete some that nobody"
    " needs",
}
"""What to do where the service's own name for the error says more than its status."""


def refusal(fault: Fault) -> ProviderError:
    """The port's error for a fault, with what a person can do about it."""
    text = str(fault)
    if fault.code in _CODES:
        return ProviderError(text, _CODES[fault.code])
    match fault.cause:
        case Cause.ANSWERED:
            return _answered(fault, text)
        case Cause.UNREACHABLE:
            return ProviderError(text, _MISSING.get(fault.service, "check the address"))
        case Cause.NOBODY:
            return DeniedError(text, _NO_IDENTITY)
        case Cause.UNTRUSTED | Cause.DROPPED | Cause.REFUSED | Cause.BROKEN:
            return ProviderError(text, _ADVICE[fault.cause])


def _answered(fault: Fault, text: str) -> ProviderError:
    match fault.status:
        case 401 | 403 as status:
            remedies = {**_ROLES, **_SIGN_IN} if status == UNAUTHORIZED else _ROLES
            return DeniedError(text, remedies.get(fault.service, ""))
        case 404:
            return ProviderError(text, _sought(fault))
        case 409 | 412:
            return ConflictError(f"{text}; it changed after the plan was made")
        case status:
            return ProviderError(text, _LATER.get(status, _CORRECT))


def _sought(fault: Fault) -> str:
    """What is not there: the service itself, or one object of it."""
    if fault.code in _OBJECTS or (fault.service == "workspace" and fault.doing != "connect"):
        return _GONE
    return _MISSING.get(fault.service, _GONE)
