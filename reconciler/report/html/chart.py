"""A part of a whole as a bar; the numbers stand beside it as text."""

from __future__ import annotations

from reconciler.report.html.element import Attributes, Markup, element


def share(part: int, of: int) -> Markup:
    """A bar as wide as there is room, stretched without its text."""
    width = f"{min(100.0, 100 * part / of) if of else 0:.2f}"
    shape: Attributes = {"x": 0, "y": 0, "height": 1}
    attributes = {
        "class": "share",
        "viewBox": "0 0 100 1",
        "preserveAspectRatio": "none",
        "aria-hidden": "true",
    }
    track = element("rect", {**shape, "width": 100, "class": "track"})
    return element("svg", attributes, track, element("rect", {**shape, "width": width}))
