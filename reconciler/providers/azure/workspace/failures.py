"""From the SDK's many exceptions to one fault: the only place in the worker that knows them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import requests
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ServiceRequestError,
    ServiceResponseError,
)
from azureml.exceptions import AuthenticationException

from reconciler.providers.azure.fault import Cause, Fault
from reconciler.providers.azure.wire import answered, explained, unanswered
from reconciler.providers.azure.workspace.protocol import SERVICE

_LONGEST = 500
_SECRETS = re.compile(r"(sig=|Bearer |Basic |\?)[^\s'\"]+", re.IGNORECASE)
_STATUS = re.compile(r"Response Code:? ?(\d{3})")
_SIGN_IN = re.compile(r"AADSTS\d+")
"""Entra ID's own codes: https://learn.microsoft.com/entra/identity-platform/reference-error-codes."""
UNAUTHORIZED = 401
UPLOADED = "BlobAlreadyExists"


def fault_of(doing: str, error: BaseException) -> Fault:
    """The fault behind whatever the SDK raised while `doing`."""
    for item in _chain(error):
        found = _known(doing, item)
        if found:
            return found
    text = scrubbed(str(error) or type(error).__name__)
    if _SIGN_IN.search(text):
        return Fault(SERVICE, doing, Cause.ANSWERED, UNAUTHORIZED, text=text)
    if status := _STATUS.search(str(error)):
        return Fault(SERVICE, doing, Cause.ANSWERED, int(status.group(1)), text=text)
    return Fault(SERVICE, doing, Cause.REFUSED, text=text)


def scrubbed(text: str) -> str:
    """Without what may be a secret, on one line, and not too long."""
    return " ".join(_SECRETS.sub(r"\1...", text).split())[:_LONGEST]


def _known(doing: str, error: BaseException) -> Fault | None:
    response = getattr(error, "response", None)
    if isinstance(response, requests.Response):
        return answered(SERVICE, doing, response)
    if isinstance(error, ResourceExistsError) and _code(error) == UPLOADED:
        # The upload is repeated below us: the first one did arrive, but its answer did not.
        return Fault(SERVICE, doing, Cause.DROPPED, text="the answer to an upload was lost")
    if isinstance(error, HttpResponseError) and error.status_code:
        return _from_core(doing, error)
    if isinstance(error, AuthenticationException):
        text = scrubbed(str(error))
        return Fault(SERVICE, doing, Cause.ANSWERED, UNAUTHORIZED, text=text)
    if isinstance(error, (requests.RequestException, ServiceRequestError, ServiceResponseError)):
        return unanswered(SERVICE, doing, error)
    return None


def _from_core(doing: str, error: HttpResponseError) -> Fault:
    code, text = explained(_body(error))
    if _code(error):
        code, text = _code(error), error.message.partition("\n")[0]
    headers = getattr(error.response, "headers", None) or {}
    return Fault(
        SERVICE,
        doing,
        Cause.ANSWERED,
        status=error.status_code,
        code=code,
        text=scrubbed(text or error.reason or ""),
        request_id=headers.get("x-ms-request-id", ""),
    )


def _code(error: HttpResponseError) -> str:
    """What the storage service calls it; its own name where it is one that its client knows."""
    code = getattr(error, "error_code", None) or ""
    return str(getattr(code, "value", code))


def _body(error: HttpResponseError) -> object:
    told = getattr(error, "error", None)
    if told is None:
        return {}
    return {"code": getattr(told, "code", ""), "message": getattr(told, "message", "")}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception, what it wraps and what it came from, outermost first."""
    seen: list[BaseException] = []
    queue: list[object] = [error]
    while queue:
        item = queue.pop(0)
        if isinstance(item, BaseException) and item not in seen:
            seen.append(item)
            yield item
            inner = (getattr(item, name, None) for name in ("inner_exception", "_inner_exception"))
            queue += [*inner, item.__cause__, item.__context__]
