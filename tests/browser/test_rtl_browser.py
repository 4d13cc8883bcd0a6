"""Mails and pages from right to left in a real browser: what stands on which side, and in which order."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from digest.compose.render import Renderer
from digest.web.pages import Pages
from tests.support.fixed_letters import LETTERS, letter, spliced
from tests.support.fixed_rtl import HEADLINE, PUBLISHER, mixed
from tests.support.fixed_view import FACTS, SLOTS, TEMPLATES

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
if not Path(CHROMIUM).exists():
    pytest.skip("Chromium is not installed", allow_module_level=True)

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
WAY = "e => getComputedStyle(e).direction"
# Where each of some words stands in an element: its left edge, and its line's top.
PLACES = """(e, words) => {
  const all = [], walker = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
  let text = '';
  while (walker.nextNode()) {
    const node = walker.currentNode;
    for (let i = 0; i < node.data.length; i++) { all.push([node, i]); text += node.data[i]; }
  }
  return words.map(word => {
    const at = text.indexOf(word);
    if (at < 0) throw new Error(word + ' is not in ' + text);
    const range = document.createRange();
    range.setStart(...all[at]);
    range.setEnd(all[at + word.length - 1][0], all[at + word.length - 1][1] + 1);
    const box = range.getBoundingClientRect();
    return [box.left, box.right];
  });
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def page(browser) -> Iterator[object]:
    opened = browser.new_page(viewport={"width": 1000, "height": 900})
    yield opened
    opened.close()


def _html(language: str) -> str:
    slots = replace(SLOTS, preferences="SLOT-PREFERENCES-7d21")
    facts = replace(FACTS, web_copy_url="https://example.org/web")
    made = Renderer([TEMPLATES]).render(mixed(language), slots, facts)
    address = "x" * 64 + "@" + "y" * 60 + ".example"
    html = made.html.replace(slots.address, address).replace(slots.preferences, "https://example.org/p")
    return html.replace(slots.unsubscribe, "https://example.org/u/token")


def _text(page, language: str):
    """The plain text as a mail program shows it: each line runs the way of its first letter."""
    text = Renderer([TEMPLATES]).render(mixed(language), SLOTS, FACTS).text
    page.set_content("<pre style='unicode-bidi: plaintext; width: 900px'></pre>")
    pre = page.locator("pre")
    pre.evaluate("(e, text) => { e.textContent = text; }", text)
    return pre


def _from_the_right(places: list[list[float]]) -> bool:
    return all(after[1] <= before[0] + 1 for before, after in pairwise(places))


def _from_the_left(places: list[list[float]]) -> bool:
    return _from_the_right(places[::-1])


@pytest.mark.parametrize("language", ["ar", "he"])
def test_the_mail_is_mirrored_and_what_it_quotes_is_not(page, language: str) -> None:
    page.set_content(_html(language))
    ways = {
        "own headline": page.locator("h3").first,
        "foreign headline": page.locator("h3 span[lang=nl]").first,
        "foreign sentence": page.locator("p.passage span[lang=de]").first,
        "publisher": page.locator("a.bylink span").first,
        "address": page.locator(".address"),
        "links": page.locator("p:has(> a[href*='/u/token'])"),
    }
    expected = {"own headline": "rtl", "links": "rtl"}
    assert {name: found.evaluate(WAY) for name, found in ways.items()} == {
        name: expected.get(name, "ltr") for name in ways
    }
    links = page.locator("[role=contentinfo] a.footlink")
    boxes = [links.nth(i).bounding_box() for i in range(links.count())]
    assert len(boxes) >= 2
    assert [b["x"] for b in boxes] == sorted((b["x"] for b in boxes), reverse=True), "the first link stands right"
    first, last = (page.locator("td.leg").nth(n).bounding_box() for n in (0, -1))
    assert first["x"] > last["x"], "time runs from right to left"
    scale = page.locator("td.part").first
    assert scale.evaluate("e => getComputedStyle(e).borderRightWidth") == "1px"
    assert scale.evaluate("e => getComputedStyle(e).borderLeftWidth") == "0px"
    steps = page.locator("div.line").first
    assert steps.evaluate("e => getComputedStyle(e).borderRightWidth") == "1px", "the rule stands right of the steps"


def test_a_sentence_reads_in_its_order(page) -> None:
    page.set_content(_html("ar"))
    places = page.locator("p.passage").nth(1).evaluate(PLACES, ["…", "al mogen", "auto's", "er pas"])
    assert _from_the_left(places), "Dutch, and what stands before it is on its left"
    changes = page.locator("p.change").nth(1).evaluate(PLACES, ["السعر", "8.2", "مليون"])
    assert _from_the_right(changes)
    when = page.locator("p.change").first.evaluate(PLACES, ["25", "مايو", "2025", "Stadskrant"])
    assert _from_the_right(when)
    why = page.locator("[role=contentinfo] p").nth(1)
    assert _from_the_right(why.evaluate(PLACES, ["لأنكم", "De Ochtendpost", "الاثنين"]))


def test_an_arabic_story_in_a_dutch_mail(page) -> None:
    page.set_content(_html("nl"))
    headline = page.locator("h3").first
    assert headline.evaluate(WAY) == "ltr"
    assert headline.locator("span[lang=ar]").evaluate(WAY) == "rtl"
    assert _from_the_right(headline.evaluate(PLACES, HEADLINE.split()[:3]))
    source = page.locator("p.sources").first.evaluate(PLACES, [PUBLISHER, "AR", ",", "الجسر"])
    assert _from_the_left(source)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("language", ["ar", "he"])
def test_nothing_scrolls_sideways(browser, language: str, mode: str) -> None:
    mails = [_html(language), *(spliced(letter(name, language).html) for name in LETTERS)]
    pages = Pages([TEMPLATES])
    values = {"title": "De Ochtendpost", "others": 2, "every": False, "sign_up": ""}
    shown = [bytes(pages.page(name, language, **values).body) for name in ("unsubscribe", "unsubscribed")]
    page = browser.new_page(viewport={"width": 320, "height": 600}, color_scheme=mode)
    try:
        for html in [*mails, *(html.decode() for html in shown)]:
            page.set_content(html)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            # What sticks out on the left of such a page cannot even be scrolled to.
            cut = "[...document.querySelectorAll('p, h1, h2, h3, h4, td, a')].filter(e => e.checkVisibility())"
            assert page.evaluate(f"Math.min(...{cut}.map(e => e.getBoundingClientRect().left))") >= 0
    finally:
        page.close()


def test_plain_text_runs_the_readers_way(page) -> None:
    arabic = _text(page, "ar")
    assert _from_the_right(arabic.evaluate(PLACES, ["* [تحديث]", "NL", "De oude Schiebrug"]))
    assert _from_the_left(arabic.evaluate(PLACES, ["… al", "mogen", "auto's"]))
    assert _from_the_right(arabic.evaluate(PLACES, ["2022 ", "○", "*------"])), "time runs from right to left"
    assert _from_the_right(arabic.evaluate(PLACES, ["- \u2066Tagesbote", "25 مايو 2025 [DE]", "Die alte"]))
    (edge,) = arabic.evaluate(PLACES, ["|  \u2066De brug vertoont"])
    assert edge[1] > 850, "the rail stands at the right edge"
    dutch = _text(page, "nl")
    assert _from_the_left(dutch.evaluate(PLACES, ["* [AR]", HEADLINE]))
    assert _from_the_left(dutch.evaluate(PLACES, [f"- \u2067{PUBLISHER}", "mei 2025 [AR]", "الجسر القديم"]))
