"""From an HTTP request to a handler and back: the one place that decodes, counts and fails.

Handlers are plain functions `Call -> Answer` that may block; they run in the thread pool, and the
store's lock puts them in order. They raise `ServiceError`, which is worded here for their family.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from reconciler.emulator import errors
from reconciler.emulator.answer import Answer
from reconciler.emulator.context import Context
from reconciler.emulator.errors import Family, ServiceError
from reconciler.emulator.faults import Fault
from reconciler.emulator.requests import Kind

CONTROL = "/_emulator/"
_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Call:
    """One request, decoded. `target` is the path and query as sent, still percent-encoded."""

    context: Context
    method: str
    path: str
    target: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Headers
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as an object; an empty body is an empty object, as the services read it."""
        content = self._decoded({})
        if not isinstance(content, dict):
            raise ServiceError(400, "BadRequest", "the body is not a JSON object")
        return content

    def json_list(self) -> list[Any]:
        """The body as an array; an empty body is an empty one."""
        content = self._decoded([])
        if not isinstance(content, list):
            raise ServiceError(400, "BadRequest", "the body is not a JSON array")
        return content

    def _decoded(self, empty: object) -> object:
        try:
            return json.loads(self.body) if self.body else empty
        except ValueError as error:
            raise ServiceError(400, "BadRequest", f"the body is not JSON: {error}") from error


Handler = Callable[[Call], Answer]
Authorize = Callable[[Call], None]


@dataclass(frozen=True)
class Operation:
    """A route under the name that the service's documentation gives it."""

    kind: Kind
    handler: Handler


def reads(name: str, method: str, template: str, handler: Handler) -> Operation:
    return Operation(Kind(name, method, template, write=False), handler)


def writes(name: str, method: str, template: str, handler: Handler) -> Operation:
    return Operation(Kind(name, method, template, write=True), handler)


def anyone(_call: Call) -> None:
    """The `Authorize` of a route without credentials."""


def endpoints(
    context: Context, operations: Iterable[Operation], family: Family, authorize: Authorize = anyone
) -> list[BaseRoute]:
    """Routes that count, inject faults, authorize, call the handler and word its errors."""
    return [_route(context, operation, family, authorize) for operation in operations]


def _route(
    context: Context, operation: Operation, family: Family, authorize: Authorize
) -> BaseRoute:
    def handle(call: Call) -> Answer:
        try:
            authorize(call)
            answer = operation.handler(call)
        except ServiceError as error:
            return errors.answer(family, error, context.clock.now())
        for watch in context.watchers if operation.kind.write else ():
            watch()
        return answer

    async def endpoint(request: Request) -> Response:
        if request.url.path.startswith(CONTROL):
            return _response(await run_in_threadpool(handle, await _call(context, request)))
        context.requests.count(operation.kind)
        fault = context.faults.take(f"{request.method} {_target(request)}")
        try:
            return await _faulty(context, request, fault, handle)
        except ClientDisconnect:  # before it had sent all of its request
            return Response(status_code=499)

    route = Route(operation.kind.template, endpoint, methods=[operation.kind.method])
    if route.methods is not None and operation.kind.method != "HEAD":
        route.methods.discard("HEAD")  # Starlette adds it to every GET; the services do not
    return route


async def _faulty(context: Context, request: Request, fault: Fault, handle: Handler) -> Response:
    body_read = await _call(context, request)
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.drop:
        return await _cut(context, request)
    if fault.status:
        media_type = fault.headers.get("Content-Type", "application/json")
        return Response(fault.body, fault.status, dict(fault.headers), media_type)
    if fault.hold:
        return await _silence(context, request)
    answer = await run_in_threadpool(handle, body_read)
    if fault.hold_after:
        return await _silence(context, request)
    return await _cut(context, request) if fault.drop_after else _response(answer)


async def _silence(context: Context, request: Request) -> Response:
    context.faults.holding()
    while context.faults.frozen:
        await asyncio.sleep(_LOOK_SECONDS)
    return await _cut(context, request)


async def _cut(context: Context, request: Request) -> Response:
    if request.client is not None:
        context.transports.cut((request.client.host, request.client.port))
    while not await request.is_disconnected():
        await asyncio.sleep(0)
    return Response(status_code=500)


async def _call(context: Context, request: Request) -> Call:
    return Call(
        context=context,
        method=request.method,
        path=request.url.path,
        target=_target(request),
        parameters={name: str(value) for name, value in request.path_params.items()},
        query=dict(request.query_params),
        headers=request.headers,
        body=await request.body(),
    )


def _target(request: Request) -> str:
    path = request.scope.get("raw_path") or request.url.path.encode()
    query = request.scope["query_string"]
    return bytes(path + b"?" + query if query else path).decode("latin-1")


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if isinstance(answer.body, Path):
        return FileResponse(answer.body, answer.status, headers, answer.media_type)
    if not answer.body:
        return Response(status_code=answer.status, headers=headers)
    headers.setdefault("Content-Type", answer.media_type)
    return Response(answer.body, answer.status, headers)
