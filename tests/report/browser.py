"""The Chromium of this machine, with nothing to talk to but us."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
PHONE = 500
"""Narrower windows are a phone's, with its own idea of how wide a page is."""
HEIGHT = 900


def missing() -> str:
    """What has to be installed first; empty where everything is there."""
    names = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return f"{' and '.join(names)} not found" if names else ""


@dataclass(frozen=True)
class Browser:
    """One window, in which pages are looked at one after the other."""

    driver: webdriver.Chrome

    def open(self, page: Path) -> None:
        self.driver.get(page.as_uri())

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def seen(self, selector: str) -> list[str]:
        """The texts of what is visible, with blanks made one."""
        found = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return [" ".join(each.text.split()) for each in found if each.is_displayed()]

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def wears(self, scheme: str, width: int = 1280, height: int = HEIGHT) -> None:
        """A window of that width in `light` or `dark`."""
        self.emulates(media="screen", scheme=scheme)
        self.commands(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < PHONE,
        )

    def emulates(self, media: str, scheme: str = "light") -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.commands("Emulation.setEmulatedMedia", media=media, features=features)

    def commands(self, name: str, **parameters: object) -> dict[str, Any]:
        found: dict[str, Any] = self.driver.execute_cdp_cmd(name, parameters)
        return found

    def complaints(self) -> list[str]:
        """What the console said since the last look."""
        return [str(entry["message"]) for entry in self._log("browser")]

    def requests(self) -> list[str]:
        """The addresses that were asked for since the last look."""
        events = [json.loads(e["message"])["message"] for e in self._log("performance")]
        return [
            str(event["params"]["request"]["url"])
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def _log(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.driver.execute("getLog", {"type": name})["value"]
        return found

    def picture(self, most: int) -> bytes:
        """The page as PNG, from its top to its end or to `most` pixels."""
        shown = {"x": 0, "y": 0, "scale": 1}
        wide, high = self.run("return [innerWidth, document.documentElement.scrollHeight]")
        clip = {**shown, "width": wide, "height": min(high, most)}
        told = self.commands("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(told["data"])


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A new browser with its data in that folder."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in (*FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # With its path, the library has no reason to look for one elsewhere.
    service = Service(str(shutil.which("chromedriver")))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield Browser(driver)
    finally:
        driver.quit()
