"""Lays what will be uploaded ready in one folder, and makes sure that it is what was planned.

Files may change while a run goes on: somebody edits, a pipeline trains. So everything is hashed
again right before it is sent. The inputs of an image are small and are copied. A model may have
gigabytes: it is linked, and looked at once more when it is up.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from reconciler.model import JUNK, Spec, mapping, text
from reconciler.model.files import listing_digest
from reconciler.providers.azure.workspace.client import Files
from reconciler.providers.port import ConflictError, ProviderError

SOURCE = "source"
"""The folder's name: it reaches the image of a package, so it never changes."""
BLOCK = 1 << 20
"""Bytes that are held in memory at once."""
CHANGED = "changed while this ran; plan again"

Local: TypeAlias = Callable[[str], Path]
"""From a path in the repository to one on this machine."""
Place: TypeAlias = Callable[[Path, Path], str]
"""Puts a file at a path that is free, and gives the SHA-256 of what lies there, in hex."""
Look: TypeAlias = tuple[int, int, int]
"""What a file system says of a file: which one it is, how large, and when it was written."""


@dataclass(frozen=True, slots=True)
class StagedModel:
    """A model's file or folder under the name that it has in the workspace."""

    path: Path
    files: int
    looks: Mapping[Path, Look]

    @property
    def changed(self) -> bool:
        """Whether anything was written to or put in the place of what was hashed."""
        return any(_look(path) != look for path, look in self.looks.items())


@contextmanager
def staged(spec: Spec, local: Local, folder: Path) -> Iterator[Files]:
    """The inputs of a normalized Image, as long as they are needed.

    Raises `ConflictError` where they are no longer those of the plan.
    """
    inputs, source = mapping(spec.get("inputs")), folder / SOURCE
    with _laid_out(folder):
        written = text(spec["scoringScript"])
        script = PurePosixPath(written).name
        _put(written, local, source / script, _planned(inputs, "scoringScript"))
        listed, digests = mapping(spec.get("files")), mapping(inputs.get("files"))
        for name in sorted(listed):
            _put(text(listed[name]), local, source / name, _planned(digests, name))
        conda = folder / "conda.yml" if text(spec.get("condaFile")) else None
        if conda:  # beside the source: it is read for the build, and does not reach the image
            _put(text(spec["condaFile"]), local, conda, _planned(inputs, "condaFile"))
        yield Files(source, script, str(conda) if conda else None, sorted(listed))


@contextmanager
def staged_model(spec: Spec, local: Local, folder: Path) -> Iterator[StagedModel]:
    """The bytes of a normalized Model, as long as they are needed; as `staged` otherwise."""
    path = text(spec["path"])
    looks: dict[Path, Look] = {}

    def place(source: Path, target: Path) -> str:
        _link(source, target)
        looks[target] = _look(target)
        return _hashed(target)

    with _laid_out(folder):
        target = folder / (PurePosixPath(path).name or "model")
        _put(path, local, target, _planned(spec, "content"), place)
        yield StagedModel(target, len(looks), looks)


@contextmanager
def _laid_out(folder: Path) -> Iterator[None]:
    """What is put into the folder is gone afterwards."""
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _planned(digests: Spec, name: str) -> str:
    return text(mapping(digests.get(name)).get("sha256"))


def _copy(source: Path, target: Path) -> str:
    """Copy a file, and hash what is written."""
    found = hashlib.sha256()
    with source.open("rb") as reading, target.open("wb") as writing:
        while block := reading.read(BLOCK):
            found.update(block)
            writing.write(block)
    return found.hexdigest()


def _put(path: str, local: Local, target: Path, planned: str, place: Place = _copy) -> None:
    """Put a file or a folder of the repository there, if it is still the planned one."""
    source = local(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            names = sorted(_names(source))
            found = listing_digest({name: _into(source, target, name, place) for name in names})
        else:
            found = place(source, target)
    except FileNotFoundError as error:
        raise ConflictError(f"{path} {CHANGED}") from error
    except OSError as error:
        raise ProviderError(
            f"{path} cannot be prepared for its upload: {error.strerror or error}",
            f"see who may read it, and what room there is in {target.parent} (TMPDIR moves that)",
        ) from error
    if found != planned:
        raise ConflictError(f"{path} {CHANGED}")


def _into(source: Path, target: Path, name: str, place: Place) -> str:
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    return place(source / name, target / name)


def _names(folder: Path, below: str = "") -> Iterator[str]:
    """The files that count, relative and POSIX, without what tools leave behind."""
    for entry in os.scandir(folder):
        if entry.name in JUNK:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _names(Path(entry.path), f"{below}{entry.name}/")
        else:
            yield f"{below}{entry.name}"


def _link(source: Path, target: Path) -> None:
    """Let a file appear elsewhere without a copy of its bytes."""
    real = source.resolve(strict=True)
    try:
        os.link(real, target)
    except OSError:  # another file system, or one without links
        target.symlink_to(real)


def _hashed(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as reading:
        while block := reading.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def _look(file: Path) -> Look:
    try:
        seen = file.stat()
    except FileNotFoundError:  # what it was linked to is gone
        return 0, 0, 0
    return seen.st_ino, seen.st_size, seen.st_mtime_ns
