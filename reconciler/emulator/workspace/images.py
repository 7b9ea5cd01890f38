"""Container images, and the long operations that make them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.context import Context
from reconciler.emulator.endpoint import Call, Operation, reads, writes
from reconciler.emulator.errors import ServiceError
from reconciler.emulator.workspace import builds, filters, inputs, records
from reconciler.emulator.workspace.builds import Order, Purpose, State
from reconciler.emulator.workspace.models import BASE, missing, next_link
from reconciler.emulator.workspace.patch import patched
from reconciler.emulator.workspace.records import Document, Kind, Query

_NAME = re.compile(r"(?=.{3,32}$)[a-z0-9]([-.a-z0-9]*[a-z0-9])?")
_OPERATION = "operation"  # an image's build; kept in the record, not told


def operations() -> list[Operation]:
    return [
        writes("CreateImage", "POST", f"{BASE}/images", _create),
        reads("ListImages", "GET", f"{BASE}/images", _list),
        reads("GetImage", "GET", f"{BASE}/images/{{id}}", _get),
        writes("PatchImage", "PATCH", f"{BASE}/images/{{id}}", _patch),
        writes("DeleteImage", "DELETE", f"{BASE}/images/{{id}}", _delete),
    ]


def _create(call: Call) -> Answer:
    """Takes the name's next version at once, and keeps it even when the build fails."""
    context, wanted = call.context, call.json()
    name = str(wanted.get("name", ""))
    if not _NAME.fullmatch(name):
        raise ServiceError(400, "BadRequest", f"invalid image name '{name}'")
    with context.store.transaction() as db:
        recipe = inputs.of_recipe(_recipe(wanted))
        parts = [
            *inputs.of_assets(wanted.get("assets") or []),
            *recipe,
            *inputs.of_models(context, db, wanted.get("modelIds") or []),
        ]
        version = records.next_version(db, Kind.IMAGE, name)
        order = Order(
            Purpose.IMAGE,
            f"{name}:{version}",
            builds.image_reference(context, name, str(version)),
            parts,
            inputs.text(context, recipe),
        )
        build = builds.place(context, order)
        image = _image(wanted, name, version)
        image["createdTime"] = build.created.isoformat()
        records.add(db, Kind.IMAGE, {**image, _OPERATION: build.id})
    location = f"{context.base_url}{call.path.removesuffix('/images')}/operations/{build.id}"
    return Answer(202, headers={"Operation-Location": location})


def _recipe(wanted: Mapping[str, Any]) -> dict[str, Any]:
    runtime = wanted.get("targetRuntime") or {}
    urls = {**(runtime.get("properties") or {}), "dockerFile": wanted.get("dockerFileUri")}
    return {name: url for name, url in urls.items() if url}


def _image(wanted: Mapping[str, Any], name: str, version: int) -> Document:
    return {
        "id": f"{name}:{version}",
        "name": name,
        "version": version,
        "description": wanted.get("description"),
        "kvTags": wanted.get("kvTags") or {},
        "properties": wanted.get("properties") or {},
        "imageType": wanted.get("imageType", "Docker"),
        "imageFlavor": wanted.get("imageFlavor"),
        "modelIds": wanted.get("modelIds") or [],
        "assets": [
            {"mimeType": "application/octet-stream", "unpack": False, **asset}
            for asset in wanted.get("assets") or []
        ],
        "driverProgram": wanted.get("driverProgram"),
        "targetRuntime": wanted.get("targetRuntime"),
        "generatedDockerFileUri": None,
    }


def _told(context: Context, image: Document) -> Document:
    """The record with what its build has come to."""
    told = {name: value for name, value in image.items() if name != _OPERATION}
    build = builds.find(context, image[_OPERATION])
    if build is None:
        raise ServiceError(500, "InternalServerError", f"image {image['id']} lost its build")
    done = build.state is State.SUCCEEDED
    return {
        **told,
        "creationState": build.state.value,
        "error": build.error,
        "imageLocation": build.reference if done else None,
        "imageBuildLogUri": builds.log_url(context, build),
    }


def _list(call: Call) -> Answer:
    """`nextLink` is left out on the last page: the SDK would follow a null."""
    query = call.query
    page_size = call.context.settings.image_page_size

    def keep(image: Document) -> bool:
        ids = image["modelIds"]
        by_id = "modelId" not in query or query["modelId"] in ids
        names = [identifier.rpartition(":")[0] for identifier in ids]
        by_name = "modelName" not in query or query["modelName"] in names
        version = query.get("version") or str(image["version"])
        return (
            by_id and by_name and version == str(image["version"]) and filters.matches(image, query)
        )

    count = min(int(query.get("count") or page_size), page_size)
    asked = Query(Kind.IMAGE, keep, query.get("name", ""), count, query.get("$skipToken", ""))
    with call.context.store.transaction() as db:
        page = records.page(db, asked)
    body: dict[str, Any] = {"value": [_told(call.context, image) for image in page.documents]}
    if page.next_token:
        body["nextLink"] = next_link(call, page)
    return json_answer(body)


def _get(call: Call) -> Answer:
    return json_answer(_told(call.context, _found(call)))


def _found(call: Call) -> Document:
    with call.context.store.transaction() as db:
        image = records.find(db, Kind.IMAGE, call.parameters["id"])
    if image is None:
        raise missing("Image", call.parameters["id"])
    return image


def _patch(call: Call) -> Answer:
    with call.context.store.transaction() as db:
        image = records.change(db, Kind.IMAGE, patched(_found(call), call.json_list()))
    return json_answer(_told(call.context, image))


def _delete(call: Call) -> Answer:
    """Removes the workspace's record; what was pushed stays in the registry."""
    with call.context.store.transaction() as db:
        removed = records.remove(db, Kind.IMAGE, call.parameters["id"])
    return Answer(200 if removed else 204)
