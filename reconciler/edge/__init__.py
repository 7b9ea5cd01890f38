"""IoT Edge: manifests, target conditions, routes, limits."""

from reconciler.edge.canonical import canonical_content, content_digest, masked, passwords
from reconciler.edge.condition_text import either
from reconciler.edge.create_options import OptionsError, parsed
from reconciler.edge.defaults import BASE, LAYER, completed, shortened
from reconciler.edge.identity import address_name
from reconciler.edge.read import Reading, read
from reconciler.edge.render import Login, Resolutions, render
from reconciler.edge.shape import plain

__all__ = [
    "BASE",
    "LAYER",
    "Login",
    "OptionsError",
    "Reading",
    "Resolutions",
    "address_name",
    "canonical_content",
    "completed",
    "content_digest",
    "either",
    "masked",
    "parsed",
    "passwords",
    "plain",
    "read",
    "render",
    "shortened",
]
