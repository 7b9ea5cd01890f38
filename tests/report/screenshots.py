"""Takes the pictures of docs/reports.md: `python -m tests.report.screenshots`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.app import pages
from tests.report import comment, showcase
from tests.report.browser import Browser, browser, missing

IMAGES = Path(__file__).parents[2] / "docs/images"


@dataclass(frozen=True)
class Shot:
    """A window, and how much of the page goes into the picture."""

    page: str
    width: int
    scheme: str
    most: int
    fold: str = ""
    """One that is opened first."""


SHOTS: Mapping[str, Shot] = {
    "page-desk": Shot("example", 1280, "light", 1500, "details.replace summary"),
    "page-tablet": Shot("example", 820, "dark", 1700),
    "page-phone": Shot("example", 390, "light", 1500, "details.update summary"),
    "page-large": Shot("large", 1280, "dark", 1100),
    "comment": Shot("comment", 960, "light", 1000),
    "comment-dark": Shot("comment", 960, "dark", 800),
}


def written(folder: Path) -> None:
    """Every page that a picture is taken of."""
    example = showcase.example(folder)
    found = {
        "example": pages.plan_html(example, showcase.ABOUT),
        "large": pages.plan_html(showcase.large(), showcase.ABOUT),
        "comment": comment.page(pages.plan_markdown(example, showcase.ABOUT)),
    }
    for name, text in found.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")


def taken(window: Browser, shot: Shot, folder: Path) -> bytes:
    window.wears(shot.scheme, shot.width)
    window.open(folder / f"{shot.page}.html")
    if shot.fold:
        window.find(shot.fold).click()
        window.run("document.activeElement.blur()")
    return window.picture(shot.most)


def main() -> int:
    if lack := missing():
        sys.stderr.write(f"{lack}\n")
        return 1
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, browser(Path(name, "profile")) as window:
        folder = Path(name)
        written(folder)
        for image, shot in SHOTS.items():
            (IMAGES / f"{image}.png").write_bytes(taken(window, shot, folder))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
