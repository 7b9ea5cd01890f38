"""One exception for what a service refuses, and one table of how each service says it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum, auto
from xml.sax.saxutils import escape

from reconciler.emulator.answer import Answer


class Family(Enum):
    """Services that word their errors alike."""

    ARM = auto()
    TOKEN = auto()
    MODEL_MANAGEMENT = auto()
    ARTIFACT = auto()
    BLOB = auto()
    REGISTRY = auto()
    HUB = auto()
    CONTROL = auto()


class ServiceError(Exception):
    """A refusal: HTTP status, the service's code and its sentence.

    `detail` is the inner code, where a service has one (model management).
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        detail: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
        self.headers = dict(headers or {})


class NumberedError(ServiceError):
    """A refusal of the hub in its second dialect, which carries a number of six digits."""

    def __init__(self, number: int, code: str, message: str) -> None:
        super().__init__(number // 1000, code, message)
        self.number = number


def answer(family: Family, error: ServiceError, now: datetime) -> Answer:
    """The error as the family's service would put it on the wire."""
    told = _ENVELOPES[family](error, now)
    return told.with_headers(error.headers)


def _json(error: ServiceError, body: object, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(error.status, json.dumps(body).encode(), headers=headers or {})


def _arm(error: ServiceError, _now: datetime) -> Answer:
    return _json(error, {"error": {"code": error.code, "message": error.message}})


def _token(error: ServiceError, _now: datetime) -> Answer:
    return _json(error, {"error": error.code, "error_description": error.message})


def _model_management(error: ServiceError, _now: datetime) -> Answer:
    body = {
        "code": error.code,
        "statusCode": error.status,
        "message": error.message,
        "details": [{"code": error.detail or error.code, "message": error.message}],
        "correlation": {"RequestId": str(uuid.uuid4())},
    }
    return _json(error, body)


def _artifact(error: ServiceError, now: datetime) -> Answer:
    body = {
        "error": {"code": error.code, "message": error.message},
        "correlation": {"operation": uuid.uuid4().hex, "request": uuid.uuid4().hex[:16]},
        "environment": "local",
        "location": "westeurope",
        "time": now.isoformat(),
    }
    return _json(error, body)


def _blob(error: ServiceError, now: datetime) -> Answer:
    text = f"{error.message}\nRequestId:{uuid.uuid4()}\nTime:{now.isoformat()}"
    body = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f"<Error><Code>{escape(error.code)}</Code><Message>{escape(text)}</Message></Error>"
    )
    return Answer(
        error.status, body.encode(), "application/xml", headers={"x-ms-error-code": error.code}
    )


def _registry(error: ServiceError, _now: datetime) -> Answer:
    body = {"errors": [{"code": error.code, "message": error.message, "detail": error.detail}]}
    return _json(error, body)


def _hub(error: ServiceError, now: datetime) -> Answer:
    tracking = f"{uuid.uuid4().hex}-G:0-TimeStamp:{now:%m/%d/%Y %H:%M:%S}"
    body: dict[str, object]
    if isinstance(error, NumberedError):
        body = {
            "errorCode": error.number,
            "message": error.message,
            "trackingId": tracking,
            "timestampUtc": now.isoformat(),
        }
    else:
        body = {
            "Message": f"ErrorCode:{error.code};{error.message}",
            "ExceptionMessage": f"Tracking ID:{tracking}",
        }
    return _json(error, body, {"iothub-errorcode": error.code})


_ENVELOPES: Mapping[Family, Callable[[ServiceError, datetime], Answer]] = {
    Family.ARM: _arm,
    Family.TOKEN: _token,
    Family.MODEL_MANAGEMENT: _model_management,
    Family.ARTIFACT: _artifact,
    Family.BLOB: _blob,
    Family.REGISTRY: _registry,
    Family.HUB: _hub,
    Family.CONTROL: _arm,
}
