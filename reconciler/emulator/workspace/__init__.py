"""The Azure ML workspace: models, images, packages, and the ARM and storage calls around them."""

from __future__ import annotations

from starlette.routing import BaseRoute

from reconciler.emulator.context import Context
from reconciler.emulator.endpoint import endpoints
from reconciler.emulator.errors import Family
from reconciler.emulator.workspace import (
    access,
    arm,
    artifacts,
    blobs,
    builds,
    control,
    environments,
    images,
    login,
    models,
    packages,
)
from reconciler.emulator.workspace.schema import SCHEMA

__all__ = ["SCHEMA", "routes", "tick"]


def routes(context: Context) -> list[BaseRoute]:
    management = [*models.operations(), *images.operations(), *packages.operations()]
    return [
        *endpoints(context, login.operations(), Family.TOKEN),
        *endpoints(context, arm.operations(), Family.ARM, access.arm),
        *endpoints(context, artifacts.operations(), Family.ARTIFACT, access.data),
        *endpoints(context, environments.operations(), Family.ARTIFACT, access.data),
        *endpoints(context, management, Family.MODEL_MANAGEMENT, access.data),
        *endpoints(context, blobs.operations(), Family.BLOB, blobs.authorize),
        *endpoints(context, control.operations(), Family.CONTROL),
    ]


def tick(context: Context) -> None:
    """Builds go on by the clock, whether or not anybody asks."""
    builds.settle(context)
