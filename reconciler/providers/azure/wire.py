"""What a failed HTTP exchange means, whichever SDK it failed in.

The texts are ours: those of `requests` hold whole URLs, and a blob's URL holds its signature.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import requests
from requests.exceptions import ChunkedEncodingError, ConnectTimeout, ReadTimeout, SSLError
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from reconciler.providers.azure.fault import Cause, Fault
from reconciler.providers.azure.values import Json

_TRACKING = re.compile(r"Tracking ID:([0-9a-f-]+)", re.IGNORECASE)
_REQUEST_IDS = ("x-ms-request-id", "x-ms-correlation-request-id", "request-id", "x-request-id")
_LONGEST = 500
NO_JSON = "the answer is not JSON; is there a proxy in between?"


def unanswered(service: str, doing: str, error: BaseException) -> Fault:
    """The fault for an exchange without an answer."""
    cause, text = _cause(error)
    return Fault(service, doing, cause, text=text)


def answered(service: str, doing: str, response: requests.Response) -> Fault:
    """The fault for an answer whose status is not success."""
    code, text = _said(response)
    return Fault(
        service,
        doing,
        Cause.ANSWERED,
        status=response.status_code,
        code=response.headers.get("iothub-errorcode", "") or code,
        text=text,
        request_id=_request_id(response),
    )


def decoded(service: str, doing: str, response: requests.Response) -> Json | Fault:
    """The JSON of an answer, or the fault of one that has none."""
    try:
        found: Json = response.json()
    except requests.exceptions.JSONDecodeError:
        return Fault(service, doing, Cause.BROKEN, response.status_code, text=NO_JSON)
    return found


_CAUSES: tuple[tuple[tuple[type[BaseException], ...], Cause, str], ...] = (
    ((SSLError,), Cause.UNTRUSTED, "its certificate could not be verified"),
    ((NameResolutionError,), Cause.UNREACHABLE, "there is no host of that name"),
    (
        (ConnectTimeout, ConnectTimeoutError, NewConnectionError),
        Cause.UNREACHABLE,
        "it does not accept connections",
    ),
    ((ReadTimeout,), Cause.DROPPED, "no answer in time"),
    (
        (requests.ConnectionError, ChunkedEncodingError),
        Cause.DROPPED,
        "the connection was lost before the answer came",
    ),
)


def _cause(error: BaseException) -> tuple[Cause, str]:
    reasons = tuple(_chain(error))
    for sorts, cause, text in _CAUSES:
        if any(isinstance(reason, sorts) for reason in reasons):
            return cause, text
    return Cause.REFUSED, f"{type(error).__name__}: {error}"[:_LONGEST]


def _chain(error: BaseException) -> list[BaseException]:
    """An exception, what it wraps and what it came from, outermost first."""
    found: list[BaseException] = []
    queue: list[object] = [error]
    while queue:
        item = queue.pop(0)
        if isinstance(item, BaseException) and item not in found:
            found.append(item)
            inner = (getattr(item, name, None) for name in ("inner_exception", "reason"))
            queue += [*inner, *item.args, item.__cause__, item.__context__]
    return found


def _request_id(response: requests.Response) -> str:
    tracking = _TRACKING.search(response.text[:_LONGEST])
    named = (response.headers.get(name, "") for name in _REQUEST_IDS)
    return next(filter(None, named), tracking.group(1) if tracking else "")


def _said(response: requests.Response) -> tuple[str, str]:
    """The code and the text of an error's body, in any of the services' dialects."""
    try:
        body = response.json()
    except requests.exceptions.JSONDecodeError:
        return "", response.reason or ""
    return explained(body)


def explained(body: object) -> tuple[str, str]:
    """The code and the text of an error's body.

    `{"Message": "ErrorCode:X;text"}` and `{"errorCode", "message"}` are the hub's, the second
    also as text inside the first; `{"error": {...}}` and `{"code", "message"}` the workspace's;
    `{"errors": [{...}]}` the registry's; `{"error", "error_description"}` whoever gives tokens.
    """
    if not isinstance(body, Mapping):
        return "", ""
    for inner in (body.get("error"), *_items(body.get("errors"))):
        if isinstance(inner, Mapping):
            return explained(inner)
    if "error_description" in body:
        return str(body.get("error") or ""), str(body["error_description"])[:_LONGEST]
    message = str(body.get("Message") or body.get("message") or "")
    if message.startswith("{"):
        return explained(_object(message))
    code, text = _split(message)
    details = [explained(item)[1] for item in _items(body.get("details"))]
    told = "; ".join(part for part in (text, *details) if part)
    return code or str(body.get("code") or body.get("errorCode") or ""), told[:_LONGEST]


def _split(message: str) -> tuple[str, str]:
    if not message.startswith("ErrorCode:"):
        return "", message
    code, _, text = message.removeprefix("ErrorCode:").partition(";")
    return code, text


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _object(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return {"message": text.strip("{}")}
