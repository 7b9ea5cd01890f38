"""Assets and models."""

from __future__ import annotations

import re
import uuid
from urllib.parse import quote

from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.endpoint import Call, Operation, reads, writes
from reconciler.emulator.errors import ServiceError
from reconciler.emulator.workspace import filters, records
from reconciler.emulator.workspace.access import WORKSPACE, caller
from reconciler.emulator.workspace.patch import patched
from reconciler.emulator.workspace.records import Document, Kind, Page, Query

BASE = f"/modelmanagement/v1.0{WORKSPACE}"
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-._]{0,254}")
_MAX_PAGE = 255


def operations() -> list[Operation]:
    return [
        writes("CreateAsset", "POST", f"{BASE}/assets", _create_asset),
        reads("GetAsset", "GET", f"{BASE}/assets/{{id}}", _get_asset),
        writes("RegisterModel", "POST", f"{BASE}/models", _register),
        reads("ListModels", "GET", f"{BASE}/models", _list),
        reads("GetModel", "GET", f"{BASE}/models/{{id}}", _get),
        writes("PatchModel", "PATCH", f"{BASE}/models/{{id}}", _patch),
        writes("DeleteModel", "DELETE", f"{BASE}/models/{{id}}", _delete),
    ]


def missing(what: str, identifier: str) -> ServiceError:
    return ServiceError(
        404, "NotFound", f"{what} {identifier} not found.", detail=f"{what}NotFound"
    )


def next_link(call: Call, page: Page) -> str:
    """The URL of the next page; the SDK takes only the token from it, and knows its spelling."""
    query = {**call.query, "$skipToken": page.next_token}
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return f"{call.context.base_url}{call.path}?{pairs}"


def _create_asset(call: Call) -> Answer:
    asset = {
        **call.json(),
        "id": uuid.uuid4().hex,
        "createdTime": call.context.clock.now().isoformat(),
    }
    with call.context.store.transaction() as db:
        return json_answer(records.add(db, Kind.ASSET, {"name": "", **asset}))


def _get_asset(call: Call) -> Answer:
    with call.context.store.transaction() as db:
        asset = records.find(db, Kind.ASSET, call.parameters["id"])
    if asset is None:
        raise missing("Asset", call.parameters["id"])
    return json_answer(asset)


def _register(call: Call) -> Answer:
    """Every call makes a new version, whatever the content: the service compares nothing."""
    wanted = call.json()
    name = str(wanted.get("name", ""))
    if not _NAME.fullmatch(name):
        raise ServiceError(400, "BadRequest", f"invalid model name '{name}'")
    now = call.context.clock.now().isoformat()
    with call.context.store.transaction() as db:
        asset = str(wanted.get("url", "")).removeprefix("aml://asset/")
        if records.find(db, Kind.ASSET, asset) is None:
            raise ServiceError(400, "BadRequest", f"the model's asset '{asset}' does not exist")
        version = records.next_version(db, Kind.MODEL, name)
        model = {
            **_DEFAULTS,
            **wanted,
            "id": f"{name}:{version}",
            "version": version,
            "tags": [],
            "kvTags": wanted.get("kvTags") or {},
            "properties": wanted.get("properties") or {},
            "datasets": wanted.get("datasets") or [],
            "createdTime": now,
            "modifiedTime": now,
            "createdBy": caller(call),
        }
        return json_answer(records.add(db, Kind.MODEL, model))


def _list(call: Call) -> Answer:
    query = call.query

    def keep(model: Document) -> bool:
        framework = query.get("framework") or model["framework"]
        runs = query.get("runId") or model["runId"]
        return (
            filters.matches(model, query) and model["framework"] == framework
        ) and runs == model["runId"]

    asked = Query(
        Kind.MODEL,
        keep,
        name=query.get("name", ""),
        count=min(int(query.get("count") or _MAX_PAGE), _MAX_PAGE),
        token=query.get("$skipToken", ""),
        latest_only=query.get("latestVersionOnly", "").lower() == "true",
    )
    with call.context.store.transaction() as db:
        page = records.page(db, asked)
    link = next_link(call, page) if page.next_token else None
    return json_answer({"value": page.documents, "nextLink": link})


def _get(call: Call) -> Answer:
    with call.context.store.transaction() as db:
        model = records.find(db, Kind.MODEL, call.parameters["id"])
    if model is None:
        raise missing("Model", call.parameters["id"])
    return json_answer(model)


def _patch(call: Call) -> Answer:
    with call.context.store.transaction() as db:
        model = records.find(db, Kind.MODEL, call.parameters["id"])
        if model is None:
            raise missing("Model", call.parameters["id"])
        changed = patched(model, call.json_list())
        changed["modifiedTime"] = call.context.clock.now().isoformat()
        return json_answer(records.change(db, Kind.MODEL, changed))


def _delete(call: Call) -> Answer:
    identifier = call.parameters["id"]
    with call.context.store.transaction() as db:
        users = Query(Kind.IMAGE, keep=lambda image: identifier in image["modelIds"], count=1)
        used_by = records.page(db, users).documents
        if used_by:
            message = f"Model {identifier} is used by image {used_by[0]['id']}."
            raise ServiceError(412, "PreconditionFailed", message, detail="ModelInUse")
        return Answer(200 if records.remove(db, Kind.MODEL, identifier) else 204)


_DEFAULTS: Document = {
    "framework": None,
    "frameworkVersion": None,
    "description": None,
    "url": "",
    "mimeType": "application/json",
    "unpack": False,
    "parentModelId": None,
    "runId": None,
    "experimentName": None,
    "derivedModelIds": [],
    "sampleInputData": None,
    "sampleOutputData": None,
    "resourceRequirements": None,
}
