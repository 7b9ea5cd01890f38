"""What the worker does with models."""

from __future__ import annotations

from typing import Any

from azureml.core import Model, Workspace

Arguments = dict[str, Any]
PAGE = 255
"""The most that the service gives at once."""


def models(workspace: Workspace, arguments: Arguments) -> list[Arguments]:
    """All versions, or those of one name that have one property."""
    wanted = arguments.get("property")
    found = Model.list(
        workspace,
        name=arguments.get("name"),
        properties=[list(wanted)] if wanted else None,
        page_count=PAGE,
        expand=False,  # otherwise each model costs further requests
    )
    return [_told(model) for model in found]


def register_model(workspace: Workspace, arguments: Arguments) -> Arguments:
    """Upload and register one more version: only for what `models` did not find."""
    framework = arguments["framework"]
    model = Model.register(
        workspace,
        model_path=arguments["path"],
        model_name=arguments["name"],
        tags=arguments["tags"],
        properties=arguments["properties"],
        description=arguments["description"] or None,
        model_framework=framework.get("name"),
        model_framework_version=framework.get("version"),
    )
    return _told(model)


def update_model(workspace: Workspace, arguments: Arguments) -> Arguments:
    """Make tags and description what they should be; a description cannot be emptied."""
    model = Model(workspace, id=arguments["id"], expand=False)
    wanted, gone = arguments["tags"], sorted(set(model.tags or {}) - set(arguments["tags"]))
    changed = {key: value for key, value in wanted.items() if (model.tags or {}).get(key) != value}
    if changed or gone:
        model.update_tags_properties(add_tags=changed or None, remove_tags=gone or None)
    description = arguments["description"]
    if description and description != model.description:
        model.update(description=description)
        model.description = description
    return _told(model)


def note_on_model(workspace: Workspace, arguments: Arguments) -> None:
    """Add properties; the service keeps a property's first value for ever."""
    model = Model(workspace, id=arguments["id"], expand=False)
    new = {k: v for k, v in arguments["properties"].items() if k not in (model.properties or {})}
    if new:
        model.add_properties(new)


def delete_model(workspace: Workspace, arguments: Arguments) -> None:
    Model(workspace, id=arguments["id"], expand=False).delete()


def _told(model: Model) -> Arguments:
    return {
        "id": model.id,
        "name": model.name,
        "version": model.version,
        "tags": model.tags or {},
        "properties": model.properties or {},
        "description": model.description or "",
    }
