"""What the worker does with images that the workspace builds from a scoring script."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import requests
from azureml.core import Workspace
from azureml.core.image import ContainerImage, Image
from azureml.core.image import container as container_module

Arguments = dict[str, Any]
TIMEOUT = 60
TAIL = 4000
"""Bytes of a build log that say why it failed."""
IN_USE = "the image is used by a web service"


def images(workspace: Workspace, arguments: Arguments) -> list[Arguments]:
    """All images, or those of one name that have one property."""
    wanted = arguments.get("property")
    found = Image.list(
        workspace,
        image_name=arguments.get("name"),
        properties=[list(wanted)] if wanted else None,
    )
    return [_told(image) for image in found]


def image(workspace: Workspace, arguments: Arguments) -> Arguments:
    return _told(Image(workspace, id=arguments["id"]))


def create_image(workspace: Workspace, arguments: Arguments) -> Arguments:
    """Start a build from a folder that holds everything; returns at once."""
    with _inside(arguments["folder"]):
        config = ContainerImage.image_configuration(
            execution_script=arguments["script"],
            runtime=arguments["runtime"],
            conda_file=arguments["conda"],
            dependencies=list(arguments["files"]) or None,
            tags=arguments["tags"],
            properties=arguments["properties"],
            description=arguments["description"] or None,
        )
        made = ContainerImage.create(
            workspace, arguments["name"], list(arguments["models"]), config
        )
    return _told(made)


def tag_image(workspace: Workspace, arguments: Arguments) -> Arguments:
    found = Image(workspace, id=arguments["id"])
    found.update(arguments["tags"])
    return _told(found)


def delete_image(workspace: Workspace, arguments: Arguments) -> None:
    found = Image(workspace, id=arguments["id"])
    try:
        found.delete()
    except TypeError as error:
        # What the SDK makes of the service's 412.
        raise RuntimeError(f"Response Code: 412 {IN_USE}") from error


def build_log(_workspace: Workspace, arguments: Arguments) -> str:
    """The end of a build log; empty while there is none."""
    # The address is signed: no token goes to it.
    response = requests.get(arguments["uri"], timeout=TIMEOUT)
    return response.text[-TAIL:] if response.ok else ""


@contextmanager
def _inside(folder: str) -> Iterator[None]:
    """The SDK takes only a script that lies in the working directory."""
    before = Path.cwd()
    os.chdir(folder)
    whole = container_module.upload_dependency
    container_module.upload_dependency = partial(_upload, whole)
    try:
        yield
    finally:
        container_module.upload_dependency = whole
        os.chdir(before)


def _upload(
    whole: Callable[..., tuple[str, str]],
    workspace: Workspace,
    dependency: str,
    **options: bool,
) -> tuple[str, str]:
    """The SDK packs a file under its absolute path, where the image's driver does not find it."""
    name = os.path.relpath(dependency) if options.get("create_tar") else None
    return whole(workspace, dependency, **options, arcname=name)


def _told(found: Image) -> Arguments:
    return {
        "id": found.id,
        "name": found.name,
        "version": found.version,
        "state": found.creation_state,
        "location": found.image_location or "",
        "log": found.image_build_log_uri or "",
        "tags": found.tags or {},
        "properties": found.properties or {},
        "description": found.description or "",
        "models": found.model_ids or [],
    }
