"""Uploads and downloads over plain REST: signed URLs, blocks, ranges."""

from __future__ import annotations

import hashlib

from tests.emulator.client import Client
from tests.emulator.workspace.rest import ARTIFACTS, put, upload, upload_url


def content(client: Client, prefix: str) -> list[dict[str, str]]:
    listed = client.get(f"{ARTIFACTS}/prefix/contentinfo/LocalUpload/c1/{prefix}").json()
    return list(listed["value"])


def test_what_was_put_is_listed_and_comes_back(client: Client) -> None:
    upload(client, "model/a.bin", b"0123456789")
    upload(client, "model/b.bin", b"")
    upload(client, "models.txt", b"other")
    listed = content(client, "model")
    assert [entry["path"] for entry in listed] == ["model/a.bin", "model/b.bin"]
    answer = client.get(listed[0]["contentUri"])
    assert (answer.status_code, answer.content) == (200, b"0123456789")
    assert client.get(listed[1]["contentUri"]).content == b""


def test_a_range_is_part_of_the_blob(client: Client) -> None:
    upload(client, "a.bin", b"0123456789")
    url = content(client, "a.bin")[0]["contentUri"]
    part = client.request("GET", url, headers={"x-ms-range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert part.headers["Content-Range"] == "bytes 2-4/10"
    assert client.request("GET", url, headers={"x-ms-range": "bytes=10-"}).status_code == 416


def test_a_blob_that_must_be_new_is_refused_the_second_time(client: Client) -> None:
    url = upload_url(client, "a.bin")
    assert put(client, url, b"1", If_None_Match="*").status_code == 201
    again = put(client, url, b"2", If_None_Match="*")
    assert again.status_code == 409
    assert "<Code>BlobAlreadyExists</Code><Message>" in again.text


def test_blocks_are_joined_in_the_order_of_the_list(client: Client) -> None:
    url = upload_url(client, "a.bin")
    for name, data in (("MQ==", b"one "), ("Mg==", b"two ")):
        assert put(client, f"{url}&comp=block&blockid={name}", data).status_code == 201
    head = client.request("HEAD", url)
    assert head.status_code == 404
    blocks = b"<BlockList><Latest>Mg==</Latest><Latest>MQ==</Latest></BlockList>"
    assert put(client, f"{url}&comp=blocklist", blocks).status_code == 201
    assert client.request("HEAD", url).headers["Content-Length"] == "8"
    assert client.get(content(client, "a.bin")[0]["contentUri"]).content == b"two one "


def test_an_unknown_block_is_refused(client: Client) -> None:
    blocks = b"<BlockList><Latest>Mg==</Latest></BlockList>"
    answer = put(client, f"{upload_url(client, 'a.bin')}&comp=blocklist", blocks)
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (400, "InvalidBlockList")


def test_a_signed_url_is_for_one_blob_one_use_and_one_day(client: Client) -> None:
    url = upload_url(client, "a.bin")
    assert put(client, url.replace("a.bin", "b.bin"), b"x").status_code == 403
    assert put(client, url.partition("?")[0], b"x").status_code == 403
    assert put(client, url, b"x").status_code == 201
    read_only = content(client, "a.bin")[0]["contentUri"]
    assert put(client, read_only, b"y").status_code == 403
    client.control("POST", "clock", {"advance": 24 * 3600 + 1})
    expired = client.get(read_only)
    assert (expired.status_code, expired.headers["x-ms-error-code"]) == (
        403,
        "AuthenticationFailed",
    )
    assert client.get(content(client, "a.bin")[0]["contentUri"]).status_code == 200


def test_many_files_are_listed_in_pages(client: Client) -> None:
    for number in range(101):
        upload(client, f"many/{number:03}.bin", b"x")
    first = client.get(f"{ARTIFACTS}/prefix/contentinfo/LocalUpload/c1/many").json()
    token = first["continuationToken"]
    path = f"{ARTIFACTS}/prefix/contentinfo/LocalUpload/c1/many?continuationToken={token}"
    second = client.get(path).json()
    assert (len(first["value"]), len(second["value"])) == (100, 1)
    assert second["continuationToken"] is None


def test_a_reset_forgets_records_and_files(client: Client) -> None:
    upload(client, "a.bin", b"gone")
    client.control("POST", "reset")
    assert content(client, "a.bin") == []
    digest = hashlib.sha256(b"gone").hexdigest()
    blobs = client.connection.cloud_metadata.parent / "blobs"
    assert not (blobs / digest[:2] / digest).exists()
    snapshot = client.control("GET", "snapshot")
    assert {name for name, rows in snapshot.items() if rows} == set()
