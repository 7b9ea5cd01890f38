"""What the worker does with `Model.package`: images without an object in the workspace."""

from __future__ import annotations

from typing import Any

from azureml._model_management._util import get_mms_operation
from azureml.core import Environment, Model, Workspace
from azureml.core.model import InferenceConfig

Arguments = dict[str, Any]


def create_package(workspace: Workspace, arguments: Arguments) -> str:
    """Start a build that ends as `<registry>/<name>:<label>`; gives the operation's id."""
    config = InferenceConfig(
        entry_script=arguments["script"],
        source_directory=arguments["folder"],
        environment=_environment(arguments),
        description=arguments["description"] or None,
    )
    models = [Model(workspace, id=model, expand=False) for model in arguments["models"]]
    package = Model.package(
        workspace, models, config, image_name=arguments["name"], image_label=arguments["label"]
    )
    # A package can be waited for, but nothing public names its operation for a later run.
    return str(vars(package)["_operation_id"])


def operation(workspace: Workspace, arguments: Arguments) -> Arguments:
    """How far a build is. The SDK has no public way back to an operation."""
    found = get_mms_operation(workspace, arguments["id"])
    error = found.get("error") or {}
    return {
        "state": found["state"],
        "location": found.get("resourceLocation") or "",
        "log": found.get("operationLog") or "",
        "error": error.get("message") or "",
    }


def _environment(arguments: Arguments) -> Environment:
    if arguments["conda"]:
        return Environment.from_conda_specification(arguments["name"], arguments["conda"])
    return Environment(arguments["name"])
