"""The first files of a fleet and of its CI, from the templates that ship with the program."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import takewhile
from pathlib import Path

# In a checkout the templates stand beside the package, in a wheel inside it.
_INSIDE = Path(__file__).parents[1] / "templates"
TEMPLATES = _INSIDE if _INSIDE.is_dir() else Path(__file__).parents[2] / "templates"
OWNER = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
OWNER_LINE = "owner: my-team\n"


class Ci(Enum):
    """A service that runs the fleet's jobs."""

    GITHUB = "github"
    AZURE_PIPELINES = "azure-pipelines"
    GITLAB = "gitlab"
    NONE = "none"


LABELS = {"azure": Ci.AZURE_PIPELINES, "visualstudio": Ci.AZURE_PIPELINES, "gitlab": Ci.GITLAB}
"""A part of a host's name, such as `dev.azure.com` or `gitlab.contoso.com`, tells the service."""
PLACES: Mapping[Ci, Mapping[str, str]] = {
    Ci.GITHUB: {
        f"github/{name}.yml": f".github/workflows/{name}.yml"
        for name in ("reconciler-plan", "reconciler-fork", "reconciler-apply", "reconciler-drift")
    },
    Ci.AZURE_PIPELINES: {
        f"azure-pipelines/{name}.yml": f".azure-pipelines/{name}.yml"
        for name in ("reconciler", "reconciler-drift")
    },
    Ci.GITLAB: {"gitlab/gitlab-ci.yml": ".gitlab-ci.yml"},
    Ci.NONE: {},
}
"""From the templates to where the service looks for them."""


@dataclass(frozen=True, slots=True)
class ScaffoldFile:
    path: str
    """From the repository's root."""
    content: bytes


def ci_of(remote: str) -> Ci:
    """The service that hosts a remote; GitHub where the address does not tell.

    >>> ci_of("git@ssh.dev.azure.com:v3/contoso/plant/fleet")
    <Ci.AZURE_PIPELINES: 'azure-pipelines'>
    """
    labels = remote_host(remote).split(".")
    return next((LABELS[label] for label in labels if label in LABELS), Ci.GITHUB)


def remote_host(remote: str) -> str:
    """Of `https://user@HOST/path`, of `ssh://HOST/path` and of `user@HOST:path`."""
    _, scheme, rest = remote.rpartition("://")
    authority = (rest if scheme else remote).partition("/")[0]
    return authority.rpartition("@")[2].partition(":")[0].lower()


def owner_of(folder: str) -> str:
    """A name for the mark on what is written, made from that of a folder."""
    word = re.sub(r"[^A-Za-z0-9]+", "-", folder).strip("-")[:63].strip("-")
    return word or "my-team"


def scaffold(owner: str, ci: Ci) -> tuple[ScaffoldFile, ...]:
    """All files, sorted by path."""
    places = {**_fleet(), **PLACES[ci], "pre-commit/config.yaml": ".pre-commit-config.yaml"}
    files = (
        ScaffoldFile(path, _content(TEMPLATES / template, owner))
        for template, path in places.items()
    )
    return tuple(sorted(files, key=lambda file: file.path))


def taken(root: Path, files: tuple[ScaffoldFile, ...]) -> tuple[str, ...]:
    """What is there already, sorted. A link counts as such wherever it leads, so that nothing is
    written outside the repository.
    """
    found = {there for file in files for there in _obstacles(root, root / file.path)}
    return tuple(sorted(path.relative_to(root).as_posix() for path in found))


def _obstacles(root: Path, target: Path) -> Iterator[Path]:
    if target.exists() or target.is_symlink():
        yield target
    for folder in takewhile(root.__ne__, target.parents):
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            yield folder


def write(root: Path, files: tuple[ScaffoldFile, ...]) -> None:
    """Create the files; one that appeared meanwhile is not written over."""
    for file in files:
        target = root / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as output:
            output.write(file.content)


def _fleet() -> Mapping[str, str]:
    """git would obey the template of its ignore file, so that has another name."""
    folder = TEMPLATES / "fleet"
    found = (path.relative_to(TEMPLATES).as_posix() for path in folder.rglob("*") if path.is_file())
    names = (name for name in found if "__pycache__" not in name)
    return {name: name.replace("/gitignore", "/.gitignore") for name in names}


def _content(template: Path, owner: str) -> bytes:
    content = template.read_bytes()
    if template == TEMPLATES / "fleet/reconciler.yaml":
        return content.replace(OWNER_LINE.encode(), f'owner: "{owner}"\n'.encode())
    return content
