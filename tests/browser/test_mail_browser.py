"""The mail in a real browser: narrow and wide, light and dark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from digest.compose.render import ImageBlock, Renderer
from digest.model.publication import Failing
from tests.support.fixed_letters import LETTERS, letter, spliced
from tests.support.fixed_view import FACTS, SLOTS, TEMPLATES, view

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
if not Path(CHROMIUM).exists():
    pytest.skip("Chromium is not installed", allow_module_level=True)

# Contrast of every piece of visible text against what lies behind it, by the WCAG 2 formula.
CONTRAST = """() => {
  const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
  const lin = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const lum = c => 0.2126 * lin(c[0]) + 0.7152 * lin(c[1]) + 0.0722 * lin(c[2]);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c[3] > 0.99) return c;
    }
    return [255, 255, 255, 1];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, e = node.parentElement;
    if (!node.data.trim() || !e.checkVisibility() || getComputedStyle(e).opacity === '0') continue;
    const a = lum(parse(getComputedStyle(e).color)), b = lum(behind(e));
    found.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), node.data.trim()]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield running
        running.close()


@pytest.fixture(scope="module")
def html() -> str:
    shown = view("nl")
    since = shown.edition.cut_at - timedelta(days=3)
    failing = Failing(((1, "example.org", since), (2, "without-a-break." * 6, since)), 40)
    mail = Renderer([TEMPLATES]).render(shown, SLOTS, replace(FACTS, failing=failing))
    # The longest address that there can be, and a link as the splicer puts it in.
    return mail.html.replace(SLOTS.address, "x" * 64 + "@" + "y" * 60 + ".example").replace(
        SLOTS.unsubscribe, "https://example.org/u/token"
    )


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 600, 1200])
def test_it_fits_and_can_be_read(browser, html: str, width: int, mode: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=mode)
    try:
        page.set_content(html)
        wide, inner = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= inner, "the page scrolls sideways"
        texts = page.evaluate(CONTRAST)
        assert len(texts) > 30
        assert [t for t in texts if t[0] < 4.5] == []
    finally:
        page.close()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_what_only_the_operator_is_told_stands_out_from_the_rest_of_the_footer(browser, html: str, mode: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800}, color_scheme=mode)
    try:
        page.set_content(html)
        told = page.locator("[role=contentinfo] p").first
        assert "2 van de 40" in told.inner_text()
        assert told.evaluate("e => +getComputedStyle(e).fontWeight") >= 600
        look = "e => getComputedStyle(e).color"
        assert told.evaluate(look) != page.locator("[role=contentinfo] p").nth(1).evaluate(look)
    finally:
        page.close()


def test_text_twice_as_large_still_fits(browser, html: str) -> None:
    # Zooming to 200 % halves the viewport: 640 wide becomes 320.
    page = browser.new_page(viewport={"width": 320, "height": 400}, device_scale_factor=2)
    try:
        page.set_content(html)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        smallest = page.evaluate(
            "Math.min(...[...document.querySelectorAll('p, td, h1, h2, h3, h4, a')]"
            ".filter(e => e.innerText.trim() && e.checkVisibility())"
            ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
        )
        assert smallest >= 12
    finally:
        page.close()


def test_structure_and_no_request_leaves(browser, html: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    try:
        page.set_content(html, wait_until="networkidle")
        assert page.locator("h1").count() == 1
        assert page.locator("table:not([role=presentation])").count() == 0
        assert page.locator("img, script, link, iframe").count() == 0
        assert [url for url in asked if not url.startswith(("about:", "data:"))] == []
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
        assert all(after - before <= 1 for before, after in pairwise(levels))
        assert not page.locator(".preheader").is_visible()
        link = page.locator("a", has_text="Uitschrijven")
        assert link.evaluate("a => a.href") == "https://example.org/u/token"
        languages = page.evaluate("[...document.querySelectorAll('span[lang]')].map(s => [s.lang, s.dir])")
        assert ["de", "ltr"] in languages
    finally:
        page.close()


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", LETTERS)
def test_mails_to_one_person_fit_and_can_be_read(browser, name: str, mode: str) -> None:
    html = spliced(letter(name, "fr").html)
    for width in (320, 1000):
        page = browser.new_page(viewport={"width": width, "height": 600}, color_scheme=mode)
        try:
            page.set_content(html)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
            texts = page.evaluate(CONTRAST)
            assert len(texts) > 6
            assert [t for t in texts if t[0] < 4.5] == []
            assert page.locator("h1").count() == 1
            assert page.locator("table:not([role=presentation])").count() == 0
            assert page.locator("a").evaluate_all("all => all.map(a => a.protocol)") == (
                ["mailto:"] if name.startswith("confirm") else []
            )
        finally:
            page.close()


# A drawing of ours stands for the picture: a browser does not know what `cid:` is.
DRAWN = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='1040' height='585'/%3E"


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 600])
def test_a_picture_fits_its_column_and_without_it_its_words_are_read(
    browser, width: int, mode: str, there: bool
) -> None:
    said = "De oude Schiebrug bij avond, met de nieuwe leuning en een fietser die als eerste over het dek rijdt"
    shown = {
        4: ImageBlock("cid:a@example.org", said, 520, 292, "nl"),
        11: ImageBlock("cid:b@example.org", "", 300, 169),
    }
    html = Renderer([TEMPLATES]).render(view("nl"), SLOTS, FACTS, shown).html
    for name in "ab":
        html = html.replace(f"cid:{name}@example.org", DRAWN if there else "data:image/png;base64,AAAA")
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=mode)
    try:
        page.set_content(html)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
        first, second = page.locator("img").evaluate_all("all => all.map(i => [i.clientWidth, i.clientHeight])")
        column = page.locator("p.passage").first.evaluate("p => p.clientWidth")
        assert first[0] == min(520, column)
        assert second[0] == min(300, column)
        if there:
            assert abs(first[1] - first[0] * 292 / 520) <= 1
        else:
            assert page.get_by_alt_text(said).is_visible()
            assert page.locator("img").first.evaluate("i => parseFloat(getComputedStyle(i).fontSize)") >= 12
            assert [t for t in page.evaluate(CONTRAST) if t[0] < 4.5] == []
    finally:
        page.close()
