"""All services behind one listener."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reconciler.emulator import hub, oci, workspace
from reconciler.emulator.context import Context
from reconciler.emulator.control import Control, devices
from reconciler.emulator.endpoint import CONTROL
from reconciler.emulator.requests import Unknown

SCHEMAS = (workspace.SCHEMA, oci.SCHEMA, hub.SCHEMA)
CONTROLS = Control(ticks=(workspace.tick, hub.tick), seed=hub.seed)


def build(context: Context) -> Starlette:
    """The application; every call that no service knows answers 501 and is counted."""

    def unknown(request: Request, _error: Exception) -> Response:
        return _unknown(context, request)

    def crashed(request: Request, error: Exception) -> Response:
        context.requests.crashed(f"{request.method} {request.url.path}: {error!r}")
        message = f"the emulator failed: {error!r}"
        return JSONResponse({"error": {"code": "InternalServerError", "message": message}}, 500)

    return Starlette(
        routes=[
            *CONTROLS.routes(context),
            *workspace.routes(context),
            *oci.routes(context),
            *hub.routes(context),
        ],
        exception_handlers={HTTPException: unknown, Exception: crashed},
    )


def _unknown(context: Context, request: Request) -> Response:
    path = request.url.path
    if path.startswith(CONTROL):
        return JSONResponse({"error": {"code": "NotFound", "message": path}}, 404)
    call = Unknown(request.method, path, request.query_params.get("api-version", ""))
    context.requests.count_unknown(call)
    version = f" (api-version {call.api_version})" if call.api_version else ""
    message = f"the emulator does not implement {call.method} {call.path}{version}"
    return JSONResponse({"error": {"code": "NotImplemented", "message": message}}, 501)


def seed_file(context: Context, path: Path) -> int:
    """Seed the hub with the devices of a file (JSON, or one object a line); returns how many."""
    return CONTROLS.seed(context, devices(path.read_bytes()))
