"""Packages (the images' successor) and the operations of both."""

from __future__ import annotations

import json
import uuid
from base64 import b64encode
from typing import Any

from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.context import Context
from reconciler.emulator.endpoint import Call, Operation, reads, writes
from reconciler.emulator.errors import ServiceError
from reconciler.emulator.workspace import builds, inputs, storage
from reconciler.emulator.workspace.builds import Build, Order, Part, Purpose, State
from reconciler.emulator.workspace.models import BASE, missing

_PURPOSES = {"DockerImage": Purpose.PACKAGE, "DockerBuildContext": Purpose.BUILD_CONTEXT}


def operations() -> list[Operation]:
    return [
        writes("CreatePackage", "POST", f"{BASE}/packages", _create),
        reads("GetOperation", "GET", f"{BASE}/operations/{{id}}", _operation),
    ]


def _create(call: Call) -> Answer:
    context, wanted = call.context, call.json()
    purpose = _PURPOSES.get(str(wanted.get("packageType")))
    request = wanted.get("imageRequest")
    if purpose is None or not isinstance(request, dict):
        raise ServiceError(400, "BadRequest", "packageType and imageRequest are required")
    name = wanted.get("imageName") or "package"
    label = wanted.get("imageLabel") or f"{context.clock.now():%Y%m%d%H%M%S}"
    parts = _parts(context, request)
    if purpose is Purpose.BUILD_CONTEXT:
        parts = [("manifest.json", _context_manifest(context, request, parts))]
    order = Order(
        purpose,
        f"{name}:{label}",
        "" if purpose is Purpose.BUILD_CONTEXT else builds.image_reference(context, name, label),
        parts,
        json.dumps(request.get("environment")),
    )
    build = builds.place(context, order)
    location = f"{context.base_url}{call.path.removesuffix('/packages')}/operations/{build.id}"
    return Answer(202, headers={"Operation-Location": location})


def _parts(context: Context, request: dict[str, Any]) -> list[Part]:
    environment = json.dumps(request.get("environment"), sort_keys=True).encode()
    definition = f"ImageInputs/{uuid.uuid4().hex}/environment.json"
    storage.write(context, definition, [environment])
    with context.store.transaction() as db:
        return [
            *inputs.of_assets(request.get("assets") or []),
            ("recipe/environment.json", definition),
            *inputs.of_models(context, db, request.get("modelIds") or []),
        ]


def _context_manifest(context: Context, request: dict[str, Any], parts: list[Part]) -> str:
    """What `ModelPackage.save` reads: a Dockerfile in line, all else as artifacts to download."""
    docker = (request.get("environment") or {}).get("docker") or {}
    dockerfile = f"FROM {docker.get('baseImage')}\nCOPY . /var/azureml-app\n"
    inline = {
        "entryType": "inline",
        "encoding": "base64",
        "path": "Dockerfile",
        "content": b64encode(dockerfile.encode()).decode(),
    }
    remote = [
        {
            "entryType": "remote",
            "uri": f"aml://artifact/{path}",
            "unpack": False,
            "path": name.rpartition("/")[0],
        }
        for name, path in parts
    ]
    path = f"ImageInputs/{uuid.uuid4().hex}/manifest.json"
    content = json.dumps({"context": [inline, *remote], "environment": None})
    return storage.write(context, path, [content.encode()]).path


def _operation(call: Call) -> Answer:
    build = builds.find(call.context, call.parameters["id"])
    if build is None:
        raise missing("Operation", call.parameters["id"])
    told: dict[str, Any] = {
        "id": build.id,
        "operationType": build.purpose.value,
        "state": build.state.value,
        "createdTime": build.created.isoformat(),
        "endTime": build.ends.isoformat() if build.state.is_final else None,
        "operationLog": builds.log_url(call.context, build),
    }
    location = _location(call, build)
    if location:
        told["resourceLocation"] = location
    if build.error is not None:
        told["error"] = build.error
    return json_answer(told)


def _location(call: Call, build: Build) -> str:
    """An image's is known from the start, a package's when it has succeeded."""
    if build.purpose is Purpose.IMAGE:
        folder = call.path.rpartition("/operations/")[0]
        return f"{call.context.base_url}{folder}/images/{build.subject}"
    if build.state is not State.SUCCEEDED:
        return ""
    if build.purpose is Purpose.BUILD_CONTEXT:
        return storage.url(call.context, build.parts[0][1])
    return build.reference
