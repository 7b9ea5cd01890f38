"""Plans as people read them outside a terminal: on a pull request, in a browser."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from reconciler.model import Diagnostic
from reconciler.plan import Plan
from reconciler.report import markdown
from reconciler.report.about import About
from reconciler.report.html.page import Dress, render

PAGE = files("reconciler.report.html")


def plan_markdown(plan: Plan, about: About, budget: int = markdown.GITHUB) -> str:
    return markdown.render(plan, about, budget)


def invalid_markdown(
    environment: str, diagnostics: Sequence[Diagnostic], about: About, budget: int
) -> str:
    return markdown.invalid(environment, diagnostics, about, budget)


def plan_html(plan: Plan, about: About) -> str:
    return render(plan, about, dress())


def dress() -> Dress:
    """The style and the script that are installed with the program."""
    style, script = (
        PAGE.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.js")
    )
    return Dress(style, script)
