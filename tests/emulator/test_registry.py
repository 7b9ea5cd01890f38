"""The container registry, as a client without Docker sees it."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
from base64 import b64encode

import pytest

from reconciler.emulator.oci import image_exists
from reconciler.emulator.server import Running
from tests.emulator.client import Client

LOGIN = "localregistry.azurecr.io"


def basic(client: Client, name: str = "password") -> str:
    value = client.control("POST", "registry/rotate", {"name": name})["value"]
    return "Basic " + b64encode(f"localregistry:{value}".encode()).decode()


def bearer(client: Client) -> dict[str, str]:
    answer = client.request("GET", "/oauth2/token", headers={"Authorization": basic(client)})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def seed(client: Client, repository: str, tag: str, content: str = "x") -> str:
    body = {"repository": repository, "tag": tag, "content": content}
    return str(client.control("POST", "registry/seed", body)["digest"])


def test_the_registry_says_where_to_get_a_token(client: Client) -> None:
    answer = client.request("GET", "/v2/defect/manifests/1", headers={"Authorization": ""})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "UNAUTHORIZED"
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer realm="{client.connection.url}/oauth2/token",service="{LOGIN}",'
        'scope="repository:defect:pull"'
    )


def test_the_workspace_token_does_not_open_the_registry(client: Client) -> None:
    assert client.get("/v2/").status_code == 401


@pytest.mark.parametrize("selector", ["1", "digest"])
def test_a_manifest_is_found_by_tag_and_by_digest(client: Client, selector: str) -> None:
    digest = seed(client, "line/defect", "1")
    path = f"/v2/line/defect/manifests/{digest if selector == 'digest' else selector}"
    told = client.request("HEAD", path, headers=bearer(client))
    answer = client.request("GET", path, headers=bearer(client))
    assert told.headers["Docker-Content-Digest"] == digest
    assert told.headers["Content-Length"] == str(len(answer.content))
    assert f"sha256:{hashlib.sha256(answer.content).hexdigest()}" == digest
    assert answer.headers["Content-Type"] == answer.json()["mediaType"]


def test_the_layer_is_a_real_archive_of_what_was_put_in(client: Client) -> None:
    seed(client, "defect", "1", "weights")
    headers = bearer(client)
    manifest = client.request("GET", "/v2/defect/manifests/1", headers=headers).json()
    for part in (manifest["config"], *manifest["layers"]):
        blob = client.request("GET", f"/v2/defect/blobs/{part['digest']}", headers=headers)
        assert f"sha256:{hashlib.sha256(blob.content).hexdigest()}" == part["digest"]
        assert len(blob.content) == part["size"]
    digests = (part["digest"] for part in (manifest["config"], manifest["layers"][0]))
    config, layer = (
        client.request("GET", f"/v2/defect/blobs/{digest}", headers=headers) for digest in digests
    )
    archive = gzip.decompress(layer.content)
    diff_id = f"sha256:{hashlib.sha256(archive).hexdigest()}"
    assert config.json()["rootfs"]["diff_ids"] == [diff_id]
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        content = tar.extractfile("seed.txt")
        assert content is not None
        assert content.read() == b"weights"


def test_the_same_content_has_the_same_digest_and_a_moved_tag_another(client: Client) -> None:
    first = seed(client, "defect", "1", "a")
    assert seed(client, "defect", "2", "a") == first
    assert seed(client, "defect", "1", "b") != first


def test_an_old_password_is_refused_after_a_rotation(client: Client) -> None:
    old = basic(client)
    other = basic(client, "password2")
    assert client.request("GET", "/v2/", headers={"Authorization": old}).status_code == 200
    basic(client)
    refused = client.request("GET", "/v2/", headers={"Authorization": old})
    assert refused.status_code == 401
    assert re.match("Basic realm=", refused.headers["WWW-Authenticate"])
    assert client.request("GET", "/v2/", headers={"Authorization": other}).status_code == 200


def test_a_missing_tag_is_manifest_unknown(client: Client) -> None:
    answer = client.request("GET", "/v2/defect/manifests/9", headers=bearer(client))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "MANIFEST_UNKNOWN")


def test_devices_find_what_was_pushed_and_seeded(client: Client, emulator: Running) -> None:
    digest = seed(client, "defect", "1")
    seed(client, "mcr.microsoft.com/azureiotedge-agent", "1.5")
    found = {
        reference: image_exists(emulator.context, reference)
        for reference in (
            f"{LOGIN}/defect:1",
            f"{LOGIN}/defect@{digest}",
            f"{LOGIN}/defect:2",
            "mcr.microsoft.com/azureiotedge-agent:1.5",
            "mcr.microsoft.com/azureiotedge-agent:1.6",
            "mcr.microsoft.com/never-seeded:1",
            "nginx",
        )
    }
    assert list(found.values()) == [True, True, False, True, False, True, True]


def test_a_cleaned_up_image_can_no_longer_be_pulled(client: Client, emulator: Running) -> None:
    seed(client, "defect", "1")
    assert client.control("POST", "registry/delete", {"reference": "defect:1"}) == {"removed": True}
    assert not image_exists(emulator.context, f"{LOGIN}/defect:1")
