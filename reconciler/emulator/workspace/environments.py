"""Environments: versioned definitions, and the images that are built for them on demand."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.context import Context
from reconciler.emulator.endpoint import Call, Operation, reads, writes
from reconciler.emulator.errors import ServiceError
from reconciler.emulator.oci import image_exists, login
from reconciler.emulator.workspace import builds, records
from reconciler.emulator.workspace.access import WORKSPACE
from reconciler.emulator.workspace.builds import Order, Purpose
from reconciler.emulator.workspace.records import Document, Kind, Query

_BASE = f"/environment/v1.0{WORKSPACE}/environments"
_BUILD = f"/environment/v2.0{WORKSPACE}/environments"
_FIELDS = ("python", "environmentVariables", "docker", "spark", "inferencingStackVersion", "r")


def operations() -> list[Operation]:
    version = "{name}/versions/{version}"
    return [
        reads("ListEnvironments", "GET", f"{_BASE}/", _list),
        writes("RegisterEnvironment", "PUT", f"{_BASE}/{{name}}", _register),
        writes("RegisterEnvironment", "PUT", f"{_BASE}/{version}", _register),
        reads("GetEnvironment", "GET", f"{_BASE}/{{name}}", _get),
        reads("GetEnvironment", "GET", f"{_BASE}/{version}", _get),
        reads("GetEnvironmentImage", "GET", f"{_BASE}/{version}/image", _image),
        writes("BuildEnvironment", "POST", f"{_BUILD}/{version}/image", _build),
        reads("GetBuild", "GET", f"{_BUILD}/builds/{{id}}", _status),
    ]


def _register(call: Call) -> Answer:
    """A definition that is the latest already keeps its version."""
    name = call.parameters["name"]
    sent = {key[:1].lower() + key[1:]: value for key, value in call.json().items()}
    wanted = {field: sent.get(field) for field in _FIELDS}
    with call.context.store.transaction() as db:
        latest = records.page(db, Query(Kind.ENVIRONMENT, name=name, count=1)).documents
        if latest and {field: latest[0][field] for field in _FIELDS} == wanted:
            return json_answer(_told(latest[0]))
        version = call.parameters.get("version")
        version = version or str(records.next_version(db, Kind.ENVIRONMENT, name))
        document = {
            "id": f"{name}:{version}",
            "name": name,
            "version": version,
            "assetId": f"azureml://locations/{call.context.identity.location}"
            f"/workspaces/{call.context.identity.workspace_id}"
            f"/environments/{name}/versions/{version}",
            **wanted,
        }
        return json_answer(_told(records.add(db, Kind.ENVIRONMENT, document)))


def _told(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "id"}


def _list(call: Call) -> Answer:
    with call.context.store.transaction() as db:
        found = records.page(db, Query(Kind.ENVIRONMENT, count=10_000, latest_only=True))
    told = [_told(document) for document in found.documents]
    return json_answer({"value": told, "continuationToken": None})


def _get(call: Call) -> Answer:
    return json_answer(_told(_found(call)))


def _found(call: Call) -> Document:
    name = call.parameters["name"]

    def keep(document: Document) -> bool:
        return bool(call.parameters.get("version", document["version"]) == document["version"])

    with call.context.store.transaction() as db:
        found = records.page(db, Query(Kind.ENVIRONMENT, keep, name=name, count=1)).documents
    if not found:
        raise ServiceError(404, "UserError", f"No environment exists for name: {name}")
    return found[0]


def _reference(context: Context, environment: Document) -> str:
    content = json.dumps({field: environment[field] for field in _FIELDS}, sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return builds.image_reference(context, f"azureml/azureml_{digest[:32]}", "latest")


def _image(call: Call) -> Answer:
    context = call.context
    builds.settle(context)
    reference = _reference(context, _found(call))
    registry = {
        "address": context.identity.registry_login_server,
        "username": context.identity.registry_name,
        "password": login.passwords(context)[login.PASSWORDS[0]],
    }
    name = reference.partition("/")[2].rpartition(":")[0]
    return json_answer(
        {
            "imageExistsInRegistry": image_exists(context, reference),
            "ingredients": {},
            "dockerImage": {"name": name, "registry": registry},
        }
    )


def _build(call: Call) -> Answer:
    environment = _found(call)
    subject = f"{environment['name']}:{environment['version']}"
    recipe = json.dumps(environment)
    reference = _reference(call.context, environment)
    build = builds.place(call.context, Order(Purpose.ENVIRONMENT, subject, reference, [], recipe))
    folder = call.path.partition("/environments/")[0]
    location = f"{call.context.base_url}{folder}/environments/builds/{build.id}"
    return json_answer({"location": location}, 202)


def _status(call: Call) -> Answer:
    build = builds.find(call.context, call.parameters["id"])
    if build is None:
        raise ServiceError(404, "UserError", "No such build.")
    words = {"NotStarted": "Queued"}
    told: dict[str, Any] = {
        "status": words.get(build.state.value, build.state.value),
        "logUrl": builds.log_url(call.context, build),
    }
    return json_answer(told, 200 if build.state.is_final else 202)
