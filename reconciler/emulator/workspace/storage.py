"""The workspace's storage account: named blobs over the contents, and signed URLs for them."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from reconciler.emulator.contents import Content
from reconciler.emulator.context import Context

CONTAINER = "azureml"
ACCOUNT = "local"
VERSION = "2021-08-06"
_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class Blob:
    """`path` is inside the container; `modified` is when it was last written."""

    path: str
    content: Content
    etag: str
    modified: datetime


def find(context: Context, path: str) -> Blob | None:
    with context.store.transaction() as db:
        row = db.execute("SELECT * FROM blob WHERE path = ?", (path,)).fetchone()
    if row is None:
        return None
    content = Content(row["sha256"], row["size"])
    return Blob(row["path"], content, row["etag"], datetime.fromisoformat(row["modified"]))


def under(context: Context, prefix: str) -> list[str]:
    """Paths of the blob with exactly this name, or of all in the folder of this name.

    The SDK appends slashes to the prefix of a single file, too.
    """
    name = prefix.rstrip("/")
    folder = f"{name}/"
    with context.store.transaction() as db:
        rows = db.execute(
            "SELECT path FROM blob WHERE path = ? OR substr(path, 1, ?) = ? ORDER BY path",
            (name, len(folder), folder),
        )
        return [row["path"] for row in rows]


def write(context: Context, path: str, chunks: Iterable[bytes]) -> Blob:
    """Put a blob, in place of one that is there; staged blocks of the name are forgotten."""
    content = context.contents.put(chunks)
    now = context.clock.now().replace(microsecond=0)
    etag = f'"0x{hashlib.sha256(f"{path}{content.sha256}{now}".encode()).hexdigest()[:15].upper()}"'
    row = (path, content.sha256, content.size, etag, now.isoformat())
    with context.store.transaction() as db:
        db.execute("INSERT OR REPLACE INTO blob VALUES (?, ?, ?, ?, ?)", row)
        db.execute("DELETE FROM block WHERE path = ?", (path,))
    return Blob(path, content, etag, now)


def stage(context: Context, path: str, block: str, data: bytes) -> None:
    content = context.contents.put([data])
    with context.store.transaction() as db:
        row = (path, block, content.sha256, content.size)
        db.execute("INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?)", row)


def staged(context: Context, path: str) -> dict[str, Content]:
    """The blocks that wait to be committed, by id."""
    with context.store.transaction() as db:
        rows = db.execute("SELECT * FROM block WHERE path = ?", (path,))
        return {row["id"]: Content(row["sha256"], row["size"]) for row in rows}


def joined(context: Context, blocks: Iterable[Content]) -> Iterator[bytes]:
    for block in blocks:
        yield from context.contents.chunks(block.sha256)


def url(context: Context, path: str, permissions: str = "r") -> str:
    """A signed URL. The SDK takes the account's host apart at the dots and puts it together
    again; a user part in front of the loopback address survives that without any DNS. It encodes
    the path once more, so the path is handed out as it is.
    """
    expires = context.clock.now() + _LIFE
    stamp = f"{expires:%Y-%m-%dT%H:%M:%SZ}"
    query = {"sv": VERSION, "sr": "b", "se": stamp, "sp": permissions}
    query["sig"] = _signature(context, path, query)
    host = f"{ACCOUNT}.blob.loop@{context.host}"
    return f"https://{host}/{CONTAINER}/{path}?{urlencode(query)}"


def refusal(context: Context, path: str, query: Mapping[str, str], permission: str) -> str:
    """Why the signed URL does not allow it; empty when it does."""
    if not hmac.compare_digest(_signature(context, path, query), query.get("sig", "")):
        return "Signature did not match."
    if not f"{context.clock.now():%Y-%m-%dT%H:%M:%SZ}" < query["se"]:
        return "Signature not valid in the specified time frame."
    if permission not in query["sp"]:
        return "This request is not authorized to perform this operation using this permission."
    return ""


def _signature(context: Context, path: str, query: Mapping[str, str]) -> str:
    text = "\n".join([path, *(query.get(name, "") for name in ("sv", "sr", "se", "sp"))])
    key = context.identity.signing_key.encode()
    return b64encode(hmac.digest(key, text.encode(), hashlib.sha256)).decode()
