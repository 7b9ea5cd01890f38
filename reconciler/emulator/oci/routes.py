"""The OCI distribution API, as far as pulling and checking go, and how tests fill the registry."""

from __future__ import annotations

from starlette.routing import BaseRoute

from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.context import Context
from reconciler.emulator.endpoint import Call, endpoints, reads, writes
from reconciler.emulator.errors import Family, ServiceError
from reconciler.emulator.oci import images, login
from reconciler.emulator.oci.images import Part
from reconciler.emulator.oci.reference import Reference, home


def routes(context: Context) -> list[BaseRoute]:
    token = [
        reads("GetToken", "GET", "/oauth2/token", login.give_token),
        reads("GetToken", "POST", "/oauth2/token", login.give_token),
    ]
    manifest, blob = (
        "/v2/{repository:path}/manifests/{selector}",
        "/v2/{repository:path}/blobs/{digest}",
    )
    registry = [
        reads("CheckVersion", "GET", "/v2/", _check),
        reads("HeadManifest", "HEAD", manifest, _manifest),
        reads("GetManifest", "GET", manifest, _manifest),
        writes("DeleteManifest", "DELETE", manifest, _delete_manifest),
        reads("HeadBlob", "HEAD", blob, _blob),
        reads("GetBlob", "GET", blob, _blob),
        reads("ListTags", "GET", "/v2/{repository:path}/tags/list", _tags),
    ]
    control = [
        writes("RotatePassword", "POST", "/_emulator/registry/rotate", _rotate),
        writes("SeedImage", "POST", "/_emulator/registry/seed", _seed),
        writes("DeleteImage", "POST", "/_emulator/registry/delete", _remove),
    ]
    return [
        *endpoints(context, token, Family.REGISTRY),
        *endpoints(context, registry, Family.REGISTRY, login.authorize),
        *endpoints(context, control, Family.CONTROL),
    ]


def _check(_call: Call) -> Answer:
    return json_answer({}, Docker_Distribution_Api_Version="registry/2.0")


def _reference(call: Call) -> Reference:
    host = call.context.identity.registry_login_server
    return Reference(host, call.parameters["repository"], call.parameters["selector"])


def _manifest(call: Call) -> Answer:
    found = images.manifest(call.context, _reference(call))
    if found is None:
        raise ServiceError(404, "MANIFEST_UNKNOWN", f"manifest {_reference(call)} is not found")
    headers = {
        "Docker-Content-Digest": found.digest,
        "Docker-Distribution-Api-Version": "registry/2.0",
        "ETag": f'"{found.digest}"',
        "Content-Length": str(len(found.body)),
    }
    body = b"" if call.method == "HEAD" else found.body
    return Answer(200, body, found.media_type, headers | {"Content-Type": found.media_type})


def _delete_manifest(call: Call) -> Answer:
    if not images.remove(call.context, _reference(call)):
        raise ServiceError(404, "MANIFEST_UNKNOWN", f"manifest {_reference(call)} is not found")
    return Answer(202)


def _blob(call: Call) -> Answer:
    context, digest = call.context, call.parameters["digest"]
    repository = call.parameters["repository"]
    host = context.identity.registry_login_server
    if images.blob(context, host, repository, digest) is None:
        raise ServiceError(404, "BLOB_UNKNOWN", f"blob {digest} is not found")
    path = context.contents.path(digest.removeprefix("sha256:"))
    headers = {"Docker-Content-Digest": digest, "Content-Length": str(path.stat().st_size)}
    body = b"" if call.method == "HEAD" else path
    return Answer(200, body, "application/octet-stream", headers)


def _tags(call: Call) -> Answer:
    repository = call.parameters["repository"]
    names = images.tags(call.context, call.context.identity.registry_login_server, repository)
    if not names:
        raise ServiceError(404, "NAME_UNKNOWN", f"repository {repository} is not found")
    return json_answer({"name": repository, "tags": names})


def _rotate(call: Call) -> Answer:
    name = call.json().get("name", login.PASSWORDS[0])
    return json_answer({"name": name, "value": login.rotate(call.context, name)})


def _seed(call: Call) -> Answer:
    """`{"repository": "mcr.microsoft.com/x", "tag": "1", "content": "..."}`; other content under
    the same tag is a moved tag. Without a host it is the workspace's registry.
    """
    wanted = call.json()
    reference = home(call.context, f"{wanted['repository']}:{wanted.get('tag', 'latest')}")
    content = wanted.get("content", f"{wanted['repository']}:{reference.selector}")
    part = Part("seed.txt", call.context.contents.put([content.encode()]))
    return json_answer({"digest": images.push(call.context, reference, [part])})


def _remove(call: Call) -> Answer:
    """`{"reference": "repository:tag"}`: as if somebody had cleaned up the registry."""
    removed = images.remove(call.context, home(call.context, call.json()["reference"]))
    return json_answer({"removed": removed})
