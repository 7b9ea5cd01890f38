"""The artifact service: where to upload files to, and where to download them from."""

from __future__ import annotations

import re
from typing import Any

from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.endpoint import Call, Operation, reads, writes
from reconciler.emulator.errors import ServiceError
from reconciler.emulator.workspace import storage
from reconciler.emulator.workspace.access import WORKSPACE

_BASE = f"/artifact/v2.0{WORKSPACE}/artifacts"
_URL = re.compile(r"aml://artifact/(.+)")
_PAGE = 100


def operations() -> list[Operation]:
    place = "{origin}/{container}"
    return [
        writes("CreateArtifacts", "POST", f"{_BASE}/batch/metadata/{place}", _create),
        reads("ListContent", "GET", f"{_BASE}/prefix/contentinfo/{place}/{{prefix:path}}", _list),
        reads("GetContent", "GET", f"{_BASE}/contentinfo/{place}/{{path:path}}", _get),
    ]


def blob_path(url: str) -> str | None:
    """The blob that an `aml://artifact/...` URL means; None for any other URL."""
    found = _URL.fullmatch(url)
    return found[1] if found else None


def _create(call: Call) -> Answer:
    place = _place(call)
    paths = [str(entry["path"]) for entry in call.json().get("paths", [])]
    created = call.context.clock.now().isoformat()
    return json_answer(
        {
            "artifacts": {
                path: {
                    "artifactId": f"{place}/{path}",
                    **_origin(call, path),
                    "etag": None,
                    "createdTime": created,
                    "dataPath": None,
                }
                for path in paths
            },
            "artifactContentInformation": {path: _information(call, path, "rcw") for path in paths},
            "errors": {},
        }
    )


def _list(call: Call) -> Answer:
    place = _place(call)
    found = storage.under(call.context, f"{place}/{call.parameters['prefix']}")
    first = int(call.query.get("continuationToken") or 0)
    page = [path.removeprefix(f"{place}/") for path in found[first : first + _PAGE]]
    more = first + _PAGE < len(found)
    return json_answer(
        {
            "value": [_information(call, path, "r") for path in page],
            "continuationToken": str(first + _PAGE) if more else None,
        }
    )


def _get(call: Call) -> Answer:
    path = call.parameters["path"]
    if storage.find(call.context, f"{_place(call)}/{path}") is None:
        raise ServiceError(404, "UserError", f"Could not find artifact {path}")
    return json_answer(_information(call, path, "r"))


def _place(call: Call) -> str:
    return f"{call.parameters['origin']}/{call.parameters['container']}"


def _origin(call: Call, path: str) -> dict[str, Any]:
    return {
        "origin": call.parameters["origin"],
        "container": call.parameters["container"],
        "path": path,
    }


def _information(call: Call, path: str, permissions: str) -> dict[str, Any]:
    uri = storage.url(call.context, f"{_place(call)}/{path}", permissions)
    return {"contentUri": uri, **_origin(call, path)}
