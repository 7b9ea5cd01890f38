"""Lays an image's inputs ready in one folder, under the names that they have in the image."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from reconciler.model import Spec, mapping, text
from reconciler.providers.azure.workspace.client import Files

SOURCE = "source"
"""The folder's name: it reaches the image of a package, so it never changes."""


@contextmanager
def staged(spec: Spec, local: Callable[[str], Path], folder: Path) -> Iterator[Files]:
    """The inputs of a normalized Image, as long as they are needed."""
    source = folder / SOURCE
    source.mkdir(parents=True)
    try:
        script = PurePosixPath(text(spec["scoringScript"])).name
        _copy(local(text(spec["scoringScript"])), source / script)
        names = sorted(mapping(spec.get("files")))
        for name in names:
            _copy(local(text(mapping(spec["files"])[name])), source / name)
        yield Files(source, script, _conda(spec, local, folder), names)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _conda(spec: Spec, local: Callable[[str], Path], folder: Path) -> str | None:
    """Beside the source, as it is read when the image is built and does not reach it."""
    if not (path := text(spec.get("condaFile"))):
        return None
    _copy(local(path), folder / "conda.yml")
    return str(folder / "conda.yml")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)
