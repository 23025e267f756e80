"""The page opened in a real browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from report_profiles import EXHIBITS, SOURCES, Names, empty, full

from multipolar.report import html

pytestmark = pytest.mark.browser
LANGUAGES = ["en", "zh"]


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_api.sync_playwright() as playwright:
        path = found or playwright.chromium.executable_path
        if not Path(path).exists():
            pytest.skip("no chromium on this machine")
        started = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    where = tmp_path_factory.mktemp("pages")
    for name, make in (("full", full), ("empty", empty)):
        for lang in LANGUAGES:
            text = html.render(make(), Names(), SOURCES, lang)
            (where / f"{name}-{lang}.html").write_text(text, encoding="utf-8")
    return where


class Opened:
    """A page with what it asked for and what it complained about."""

    def __init__(self, browser, path, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.asked, self.said = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.goto(path.as_uri())


@pytest.fixture
def visit(browser, files):
    opened = []

    def go(name, **options):
        opened.append(Opened(browser, files / f"{name}.html", **options))
        return opened[-1]

    yield go
    for page in opened:
        page.context.close()


@pytest.mark.parametrize("name", ["full", "empty"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_request_leaves_the_page_and_the_console_is_silent(visit, name, lang):
    seen = visit(f"{name}-{lang}")
    seen.page.click("#theme")
    seen.page.click("#copy")
    for summary in seen.page.query_selector_all("summary"):
        summary.click()
    seen.page.wait_for_timeout(50)
    assert [url for url in seen.asked if not url.startswith(("file:", "data:"))] == []
    assert seen.said == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables_and_charts_are_there_without_scripts(visit, lang):
    page = visit(f"full-{lang}", java_script_enabled=False).page
    assert page.locator("figure").count() == len(EXHIBITS)
    assert page.locator("figure details.data table tbody tr").count() > 40
    first = page.locator("#x-shares details.data")
    assert not first.locator("table").is_visible()
    first.locator("summary").click()
    assert first.locator("table").is_visible()
    assert first.locator("a[download]").is_visible()
    assert page.locator("#x-shares .wide svg").is_visible()
    assert not page.locator("#theme").is_visible(), "a button that cannot work is not shown"


@pytest.mark.parametrize("name", ["full", "empty"])
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_page_does_not_scroll_sideways(visit, name, lang, width):
    page = visit(f"{name}-{lang}", viewport={"width": width, "height": 740}).page
    for summary in page.query_selector_all("summary"):
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("lang", LANGUAGES)
def test_small_screen_gets_its_own_drawing_in_readable_size(visit, lang):
    page = visit(f"full-{lang}", viewport={"width": 360, "height": 740}).page
    assert not page.locator("#x-shares .wide").is_visible()
    assert page.locator("#x-shares .narrow svg").is_visible()
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('.narrow svg')].flatMap(svg => {
          const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
          return [...svg.querySelectorAll('text')].map(
            text => parseFloat(getComputedStyle(text).fontSize) * scale)})"""
    )
    assert len(sizes) > 50
    assert min(sizes) >= 9.9


def test_dark_follows_the_system_and_the_button_overrides_it(visit):
    def ground(page):
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    dark = visit("full-en", color_scheme="dark").page
    assert ground(dark) == "rgb(21, 24, 28)"
    mark = dark.locator("#x-payers rect.a").first
    assert mark.evaluate("e => getComputedStyle(e).fill") == "rgb(86, 180, 233)"
    dark.click("#theme")
    assert ground(dark) == "rgb(255, 255, 255)"
    assert ground(visit("full-en", color_scheme="light").page) == "rgb(255, 255, 255)"


def test_paper_is_light_and_leaves_out_what_needs_a_screen(visit):
    page = visit("full-en", color_scheme="dark").page
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("#theme").is_visible()
    assert not page.locator("#x-shares details.data").is_visible()


def test_first_key_stop_leads_to_the_findings(visit):
    page = visit("full-en").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_evidence_link_arrives_at_a_visible_row(visit):
    page = visit("full-en").page
    page.locator("#summary a", has_text="See the evidence").first.click()
    target = page.url.split("#")[1]
    assert page.locator(f"[id='{target}']").is_visible()


def test_csv_can_be_saved(visit, tmp_path):
    page = visit("full-en").page
    page.locator("#x-shares details.data summary").click()
    with page.expect_download() as waiting:
        page.locator("#x-shares a[download]").click()
    saved = tmp_path / "shares.csv"
    waiting.value.save_as(saved)
    assert waiting.value.suggested_filename == "multipolar-AAA-shares-2026-11-24.csv"
    assert (
        saved.read_text(encoding="utf-8").splitlines()[0] == "start,end,share_percent,rank,payers"
    )
