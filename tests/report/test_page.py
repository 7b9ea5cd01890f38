"""The page of a plan in a real browser: what opens, what filters, what it keeps to itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from reconciler.app import pages
from reconciler.cli import settings
from reconciler.report.about import About
from tests.prove import hostile_plan
from tests.prove.hostile_texts import ATOMS
from tests.report import showcase
from tests.report.browser import Browser, browser, missing
from tests.report.contrast import CONTRAST

FOCUSABLE = "a[href], button, input, select, summary, [tabindex='0']"
VISIBLE = f"""return Array.from(document.querySelectorAll("{FOCUSABLE}"))
    .filter((each) => each.checkVisibility()).length"""
FOCUS = """const at = document.activeElement, style = getComputedStyle(at);
    const place = Array.from(document.querySelectorAll("*")).indexOf(at);
    return [at.tagName, style.outlineStyle, place]"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if lack := missing():
        if settings.read().environ.get("CI") == "true":
            pytest.fail(lack)
        pytest.skip(lack)
    with browser(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One page of a usual plan, and one of texts that try to get out."""
    folder = tmp_path_factory.mktemp("pages")
    usual = pages.plan_html(showcase.example(folder), showcase.ABOUT)
    (folder / "usual.html").write_text(usual, encoding="utf-8")
    text = " ".join(ATOMS[:25])
    odd = pages.plan_html(hostile_plan.plan(text), About(text, stale=text))
    (folder / "hostile.html").write_text(odd, encoding="utf-8")
    return folder


@pytest.fixture
def page(chromium: Browser, folder: Path) -> Browser:
    """The usual page, freshly opened on a desk."""
    chromium.wears("light")
    chromium.open(folder / "usual.html")
    return chromium


def test_a_fold_opens_with_the_mouse_and_closes_with_the_keyboard(page: Browser) -> None:
    assert page.seen("table.fields") == []
    head = page.find("details.update summary")
    head.click()
    assert page.seen("table.fields tbody tr") == ['labels.team "edge" "platform"']
    head.send_keys(Keys.ENTER)
    assert page.seen("table.fields") == []


def test_all_folds_open_and_close_at_once(page: Browser) -> None:
    page.find("#open").click()
    assert len(page.seen("details.change .inside")) == 7
    page.find("#close").click()
    assert page.seen("details.change .inside") == []


def test_changes_are_filtered_by_what_happens_to_them(page: Browser) -> None:
    for action in ("create", "update", "replace"):
        page.find(f"input[value={action}]").click()
    assert page.seen("details.change .name") == ["Deployment/legacy-probe"]
    assert page.seen("h3")[0] == "Wave 4 1 change"
    assert page.seen("#shown") == ["1 of 7 changes shown"]


def test_changes_are_filtered_by_kind_and_by_any_text_in_them(page: Browser) -> None:
    page.find("#kind").send_keys("Image")
    assert page.seen("details.change .name") == ["Image/anomaly-detector"]
    page.find("#kind").send_keys(Keys.HOME)
    page.find("#text").send_keys("Valves")
    assert page.seen("details.change .name") == ["Deployment/detector-valves"]
    page.find("#text").send_keys("#no such thing")
    assert page.seen("details.change, .wave") == []
    assert page.seen("#shown") == ["0 of 7 changes shown"]


def test_the_keyboard_reaches_everything_and_shows_where_it_is(page: Browser) -> None:
    page.find("#open").click()
    page.run("document.activeElement.blur(); scrollTo(0, 0)")
    wanted = page.run(VISIBLE)
    reached = set()
    for _ in range(wanted + 1):  # one more, because the window itself is a stop, too
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        reached.add(tuple(page.run(FOCUS)))
    elements = [each for each in reached if each[0] != "BODY"]
    assert len(elements) == wanted
    assert {outline for _, outline, _ in elements} <= {"solid", "auto"}
    assert {name for name, _, _ in elements} == {"A", "BUTTON", "INPUT", "SELECT", "SUMMARY", "DIV"}


def test_the_first_stop_of_the_keyboard_skips_to_the_changes(page: Browser) -> None:
    page.find("body").send_keys(Keys.TAB)
    page.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert page.run("return location.hash") == "#changes"


@pytest.mark.parametrize("name", ["usual", "hostile"])
def test_no_request_leaves_the_page_and_nothing_complains(
    chromium: Browser, folder: Path, name: str
) -> None:
    chromium.wears("light")
    chromium.complaints()
    chromium.requests()
    chromium.open(folder / f"{name}.html")
    chromium.find("#open").click()
    assert chromium.requests() == [(folder / f"{name}.html").as_uri()]
    assert chromium.run("return performance.getEntriesByType('resource').length") == 0
    assert chromium.complaints() == []


def test_the_page_may_not_send_anything_even_if_it_tried(page: Browser) -> None:
    refused = page.driver.execute_async_script(
        """const done = arguments[0], seen = [];
        addEventListener("securitypolicyviolation", (e) => {
          seen.push(e.effectiveDirective);
          if (seen.length === 3) done(seen.sort());
        });
        document.body.append(Object.assign(new Image(), {src: "http://127.0.0.1:9/"}));
        fetch("http://127.0.0.1:9/").catch(() => {});
        document.body.append(Object.assign(document.createElement("script"), {text: "1"}));"""
    )
    assert refused == ["connect-src", "img-src", "script-src-elem"]
    page.complaints()


def test_a_hostile_name_stays_text(chromium: Browser, folder: Path) -> None:
    chromium.open(folder / "hostile.html")
    assert "<script>alert(1)</script>" in chromium.find("h1").text
    assert "<img src=x onerror=alert(1)>" in chromium.seen("details.change .name")[0]
    odd = "script:not(:last-child), img, iframe, form, a:not([href^='#']), [onerror], [onload]"
    assert chromium.run("return document.querySelectorAll(arguments[0]).length", odd) == 0
    assert chromium.run("return document.querySelectorAll('script').length") == 1


@pytest.mark.parametrize("name", ["usual", "hostile"])
def test_the_page_is_never_wider_than_the_window(
    chromium: Browser, folder: Path, name: str
) -> None:
    chromium.wears("light")
    chromium.open(folder / f"{name}.html")
    chromium.find("#open").click()
    for width in (390, 820, 1280):
        chromium.wears("light", width)
        assert chromium.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_told_from_what_is_behind_it(page: Browser, scheme: str) -> None:
    page.wears(scheme)
    page.find("#open").click()
    found = page.run(CONTRAST)
    assert len(found) > 100
    assert [text for text, ratio in found if ratio < 4.5] == []


def test_on_paper_every_fold_is_open_and_ink_is_dark(page: Browser) -> None:
    page.emulates("print", "dark")
    assert page.run("return document.querySelector('.fields').getBoundingClientRect().height") > 0
    assert page.seen("nav, #filters") == []
    assert [text for text, ratio in page.run(CONTRAST) if ratio < 4.5] == []


def test_without_its_script_everything_is_there_but_the_filters(
    chromium: Browser, folder: Path
) -> None:
    chromium.commands("Emulation.setScriptExecutionDisabled", value=True)
    try:
        chromium.open(folder / "usual.html")
        shown = "return document.querySelector(arguments[0]).checkVisibility()"
        assert not chromium.run(shown, "#filters")
        chromium.find("details.update summary").click()
        assert chromium.run(shown, "details.update .fields")
    finally:
        chromium.commands("Emulation.setScriptExecutionDisabled", value=False)
