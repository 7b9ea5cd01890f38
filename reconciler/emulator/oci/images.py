"""The registry's images in the store: push, find, and whether a device could pull."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from reconciler.emulator.contents import CHUNK, Content
from reconciler.emulator.context import Context
from reconciler.emulator.oci.reference import Reference, parsed

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True)
class Part:
    """A file of the image's layer: its name, and the digest of its content in the contents."""

    name: str
    content: Content


@dataclass(frozen=True)
class Manifest:
    digest: str
    media_type: str
    body: bytes


def push(context: Context, reference: Reference, parts: Sequence[Part]) -> str:
    """Put a real image under the reference's tag; the same parts give the same digest."""
    layer, diff_id = _layer(context, parts)
    config = {
        "architecture": "amd64",
        "os": "linux",
        "created": EPOCH,
        "config": {"Labels": {"org.opencontainers.image.title": reference.repository}},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{diff_id}"]},
    }
    stored = context.contents.put([_canonical(config)])
    body = _canonical(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _descriptor(CONFIG, stored),
            "layers": [_descriptor(LAYER, layer)],
        }
    )
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    place = (reference.host, reference.repository)
    with context.store.transaction() as db:
        for media_type, content in ((CONFIG, stored), (LAYER, layer)):
            row = (*place, f"sha256:{content.sha256}", media_type, content.size)
            db.execute("INSERT OR REPLACE INTO oci_blob VALUES (?, ?, ?, ?, ?)", row)
        db.execute(
            "INSERT OR REPLACE INTO oci_manifest VALUES (?, ?, ?, ?, ?)",
            (*place, digest, MANIFEST, body),
        )
        db.execute(
            "INSERT OR REPLACE INTO oci_tag VALUES (?, ?, ?, ?)",
            (*place, reference.selector, digest),
        )
    return digest


def manifest(context: Context, reference: Reference) -> Manifest | None:
    """The manifest that a tag or a digest stands for."""
    place = (reference.host, reference.repository, reference.selector)
    by_digest = "SELECT * FROM oci_manifest WHERE host = ? AND repository = ? AND digest = ?"
    by_tag = (
        "SELECT m.* FROM oci_tag t JOIN oci_manifest m USING (host, repository, digest)"
        " WHERE t.host = ? AND t.repository = ? AND t.tag = ?"
    )
    with context.store.transaction() as db:
        row = db.execute(by_digest if reference.by_digest else by_tag, place).fetchone()
    return row and Manifest(row["digest"], row["media_type"], row["body"])


def image_exists(context: Context, reference: str) -> bool:
    """Whether a device could pull the reference.

    Of registries other than the workspace's only seeded repositories are known; those that never
    were seeded are taken to have every tag, since nobody here can ask Docker Hub.
    """
    wanted = parsed(reference)
    if wanted.host == context.identity.registry_login_server or _is_seeded(context, wanted):
        return manifest(context, wanted) is not None
    return True


def tags(context: Context, host: str, repository: str) -> list[str]:
    with context.store.transaction() as db:
        rows = db.execute(
            "SELECT tag FROM oci_tag WHERE host = ? AND repository = ? ORDER BY tag",
            (host, repository),
        )
        return [row["tag"] for row in rows]


def blob(context: Context, host: str, repository: str, digest: str) -> str | None:
    """The media type of a blob of the repository, or None when it has no such blob."""
    with context.store.transaction() as db:
        row = db.execute(
            "SELECT media_type FROM oci_blob WHERE host = ? AND repository = ? AND digest = ?",
            (host, repository, digest),
        ).fetchone()
    return None if row is None else str(row["media_type"])


def remove(context: Context, reference: Reference) -> bool:
    """Delete a manifest with all its tags, as DELETE on a registry does."""
    found = manifest(context, reference)
    if found is None:
        return False
    place = (reference.host, reference.repository, found.digest)
    with context.store.transaction() as db:
        for table in ("oci_tag", "oci_manifest"):
            where = "WHERE host = ? AND repository = ? AND digest = ?"
            db.execute(" ".join(("DELETE FROM", table, where)), place)
    return True


def _is_seeded(context: Context, reference: Reference) -> bool:
    return bool(tags(context, reference.host, reference.repository))


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def _descriptor(media_type: str, content: Content) -> dict[str, Any]:
    return {"mediaType": media_type, "size": content.size, "digest": f"sha256:{content.sha256}"}


def _layer(context: Context, parts: Sequence[Part]) -> tuple[Content, str]:
    """The layer's content, and the digest of its uncompressed archive (the `diff_id`)."""
    with tempfile.TemporaryFile(dir=context.contents.folder) as archive:
        with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for part in sorted(parts, key=lambda part: part.name):
                _add(context, tar, part)
        archive.seek(0)
        uncompressed = hashlib.sha256()
        for chunk in _read(archive):
            uncompressed.update(chunk)
        archive.seek(0)
        return context.contents.put(_zipped(archive)), uncompressed.hexdigest()


def _add(context: Context, tar: tarfile.TarFile, part: Part) -> None:
    entry = tarfile.TarInfo(part.name)
    entry.size = part.content.size
    with context.contents.path(part.content.sha256).open("rb") as stream:
        tar.addfile(entry, stream)


def _zipped(archive: IO[bytes]) -> Iterator[bytes]:
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=buffer, mtime=0) as packer:
        for chunk in _read(archive):
            packer.write(chunk)
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _read(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk
