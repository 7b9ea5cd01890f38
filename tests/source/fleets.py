"""Fleets made of a few texts, in memory: the loader cannot tell them from a folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager

from reconciler.model import FileContent
from reconciler.registry import KINDS, SCHEMAS
from reconciler.source.load import Loaded, Loading
from reconciler.source.tree import Entry, Found, Local, measured

ROOT = "apiVersion: reconciler/v1\nowner: contoso\n"
ENVIRONMENT = """\
apiVersion: reconciler/v1
kind: Environment
metadata: {name: local}
spec: {provider: local, variables: {site: plant-a, line: 2, fast: true}}
"""
MINIMUM: Mapping[str, str] = {"reconciler.yaml": ROOT, "environments.yaml": ENVIRONMENT}


class MemoryTree:
    """Files by path."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def find(self, path: str) -> Found:
        if path in self._files:
            return Found.FILE
        inside = path == "" or any(file.startswith(f"{path}/") for file in self._files)
        return Found.FOLDER if inside else Found.NOTHING

    def entries(self, folder: str) -> tuple[Entry, ...]:
        prefix = f"{folder}/" if folder else ""
        below = {file[len(prefix) :] for file in self._files if file.startswith(prefix)}
        names = sorted({file.partition("/")[0] for file in below})
        return tuple(Entry(prefix + name, self.find(prefix + name)) for name in names)

    def read(self, path: str) -> bytes:
        return self._files[path]

    def content(self, path: str) -> FileContent:
        return measured(path, iter([self._files[path]]))

    def expect(self, paths: Iterable[str]) -> None:
        del paths

    def laid_out(self) -> AbstractContextManager[Local]:
        raise AssertionError("these files are nowhere")


def loaded(
    files: Mapping[str, str | bytes], environment: str | None = None, *, folder: str = ""
) -> Loaded:
    """What the loader makes of these files and, where they are not among them, the minimum."""
    prefix = f"{folder}/" if folder else ""
    all_files = {**{prefix + path: text for path, text in MINIMUM.items()}, **files}
    encoded = {
        path: text.encode() if isinstance(text, str) else text for path, text in all_files.items()
    }
    return Loading(MemoryTree(encoded), folder, KINDS, SCHEMAS).load(environment)


def group(name: str, spec: str = "matchTags: {site: a}") -> str:
    return (
        "apiVersion: reconciler/v1\nkind: DeviceGroup\n"
        f"metadata: {{name: {name}}}\nspec:\n  {spec}\n"
    )


def messages(found: Loaded) -> list[str]:
    return [str(diagnostic) for diagnostic in found.diagnostics]
