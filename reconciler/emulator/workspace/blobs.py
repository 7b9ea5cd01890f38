"""The blob service, as far as the SDK uploads and downloads."""

from __future__ import annotations

import re
from email.utils import format_datetime

from reconciler.emulator.answer import Answer
from reconciler.emulator.endpoint import Call, Operation, reads, writes
from reconciler.emulator.errors import ServiceError
from reconciler.emulator.workspace import storage
from reconciler.emulator.workspace.storage import Blob

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_LATEST = re.compile(rb"<(?:Latest|Uncommitted)>([^<]+)</")


def operations() -> list[Operation]:
    template = f"/{storage.CONTAINER}/{{blob:path}}"
    return [
        writes("PutBlob", "PUT", template, _put),
        reads("GetBlobProperties", "HEAD", template, _head),
        reads("GetBlob", "GET", template, _get),
    ]


def authorize(call: Call) -> None:
    """A signed URL for exactly this blob."""
    permission = "w" if call.method == "PUT" else "r"
    reason = storage.refusal(call.context, call.parameters["blob"], call.query, permission)
    if reason:
        message = f"Server failed to authenticate the request. {reason}"
        raise ServiceError(403, "AuthenticationFailed", message)


def _put(call: Call) -> Answer:
    """Put Blob, Put Block or Put Block List, by `comp`."""
    match call.query.get("comp", ""):
        case "block":
            path = call.parameters["blob"]
            storage.stage(call.context, path, call.query["blockid"], call.body)
            return Answer(201)
        case "blocklist":
            return _commit(call)
        case "":
            _refuse_existing(call)
            blob = storage.write(call.context, call.parameters["blob"], [call.body])
            return Answer(201, headers=_validators(blob))
        case other:
            raise ServiceError(501, "NotImplemented", f"comp={other} is not implemented")


def _commit(call: Call) -> Answer:
    _refuse_existing(call)
    path = call.parameters["blob"]
    blocks = storage.staged(call.context, path)
    try:
        wanted = [blocks[name.decode()] for name in _LATEST.findall(call.body)]
    except KeyError as error:
        message = "The specified block list is invalid."
        raise ServiceError(400, "InvalidBlockList", message) from error
    blob = storage.write(call.context, path, storage.joined(call.context, wanted))
    return Answer(201, headers=_validators(blob))


def _refuse_existing(call: Call) -> None:
    exists = storage.find(call.context, call.parameters["blob"]) is not None
    if exists and call.headers.get("If-None-Match") == "*":
        raise ServiceError(409, "BlobAlreadyExists", "The specified blob already exists.")


def _head(call: Call) -> Answer:
    blob = _found(call)
    return Answer(200, headers=_properties(blob) | {"Content-Length": str(blob.content.size)})


def _get(call: Call) -> Answer:
    blob = _found(call)
    asked = _RANGE.fullmatch(call.headers.get("x-ms-range") or call.headers.get("Range") or "")
    if asked is None:
        path = call.context.contents.path(blob.content.sha256)
        return Answer(200, path, "application/octet-stream", _properties(blob))
    first, size = int(asked[1]), blob.content.size
    last = min(int(asked[2] or size), size - 1)
    if first >= size:
        message = "The range specified is invalid for the current size of the resource."
        headers = {"Content-Range": f"bytes */{size}"}
        raise ServiceError(416, "InvalidRange", message, headers=headers)
    body = call.context.contents.read(blob.content.sha256, first, last - first + 1)
    headers = _properties(blob) | {"Content-Range": f"bytes {first}-{last}/{size}"}
    return Answer(206, body, "application/octet-stream", headers)


def _found(call: Call) -> Blob:
    blob = storage.find(call.context, call.parameters["blob"])
    if blob is None:
        raise ServiceError(404, "BlobNotFound", "The specified blob does not exist.")
    return blob


def _validators(blob: Blob) -> dict[str, str]:
    return {
        "ETag": blob.etag,
        "Last-Modified": format_datetime(blob.modified, usegmt=True),
        "x-ms-version": storage.VERSION,
    }


def _properties(blob: Blob) -> dict[str, str]:
    return _validators(blob) | {"x-ms-blob-type": "BlockBlob", "Accept-Ranges": "bytes"}
