"""The container registry: what images are in it, and how clients log in and pull."""

from __future__ import annotations

from reconciler.emulator.oci.images import Part, image_exists, push
from reconciler.emulator.oci.routes import routes
from reconciler.emulator.oci.schema import SCHEMA

__all__ = ["SCHEMA", "Part", "image_exists", "push", "routes"]
