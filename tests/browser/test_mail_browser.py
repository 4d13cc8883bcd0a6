"""Each look in a real browser: narrow and wide, light and dark, from left and from right."""

from __future__ import annotations

from itertools import pairwise

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from digest.compose.render import ImageBlock, Renderer
from tests.support.browser import COLOURS, opened
from tests.support.fixed_letters import LETTERS, letter
from tests.support.fixed_letters import spliced as spliced_letter
from tests.support.fixed_view import FACTS, SLOTS, TEMPLATES, view
from tests.support.looks import LOOKS, everything, rendered, right_to_left, ten_stories

MODES = ("light", "dark")
#: What is drawn and not only decorates: the axis, and the bar beside an updated story.
_MARKS = ("line of leg", "line of part")
MARKS = "[...document.querySelectorAll('.leg')].filter(e => e.innerText.trim()).map(e => e.getBoundingClientRect())"


class _Text(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture(scope="module")
def mails() -> dict[str, str]:
    return {look: everything(look) for look in LOOKS}


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The same in a language that runs from right to left."""
    folders = right_to_left(tmp_path_factory.mktemp("home") / "templates")
    return {look: everything(look, "he", folders) for look in LOOKS}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("width", [320, 360, 600, 1200])
@pytest.mark.parametrize("look", LOOKS)
def test_it_fits_and_can_be_read(browser, mails: dict[str, str], look: str, width: int, mode: str) -> None:
    with opened(browser, mails[look], width=width, mode=mode) as page:
        wide, inner = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= inner, "the page scrolls sideways"
        seen = page.evaluate(COLOURS)
        texts = [s for s in seen if s["text"]]
        assert len(texts) > 30
        assert [t for t in texts if t["ratio"] < 4.5] == []
        marks = [s for s in seen if s["kind"] in _MARKS]
        assert marks
        assert [m for m in marks if m["ratio"] < 3] == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("look", LOOKS)
def test_its_colours(browser, mails: dict[str, str], look: str, mode: str, snapshot: SnapshotAssertion) -> None:
    """Of each kind of text and line: colour, what lies behind, contrast."""
    with opened(browser, mails[look], mode=mode) as page:
        seen = page.evaluate(COLOURS)
    lines = {f"{s['kind']:<20} {s['front']} on {s['back']} {s['ratio']:6.2f}" for s in seen}
    assert "\n".join(sorted(lines)) + "\n" == snapshot(extension_class=_Text, name="colours")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("look", LOOKS)
def test_no_colour_is_as_bright_or_dark_as_there_is(browser, mails: dict[str, str], look: str, mode: str) -> None:
    # Clients that turn colours around by themselves leave little else alone.
    with opened(browser, mails[look], mode=mode) as page:
        seen = page.evaluate(COLOURS)
    assert {"#ffffff", "#000000"} & {c for s in seen for c in (s["front"], s["back"])} == set()


@pytest.mark.parametrize("width", [320, 600])
@pytest.mark.parametrize("look", LOOKS)
def test_from_right_to_left_it_is_mirrored(browser, turned: dict[str, str], look: str, width: int) -> None:
    with opened(browser, turned[look], width=width) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("html").get_attribute("dir") == "rtl"
        marks = page.evaluate(MARKS + ".map(box => box.right)")
        assert len(marks) == 3
        assert marks == sorted(marks, reverse=True), "time runs from right to left too"
        heading = page.locator("h3").first.bounding_box()
        assert heading["x"] + heading["width"] > width / 2


@pytest.mark.parametrize("look", LOOKS)
def test_on_the_drawing_distances_are_distances_in_time(browser, mails: dict[str, str], look: str) -> None:
    with opened(browser, mails[look]) as page:
        first, second, last = page.evaluate(MARKS + ".map(box => box.left)")
        # January 2022, November 2023, May 2025
        assert (second - first) / (last - first) == pytest.approx(22 / 40.8, abs=0.02)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("look", LOOKS)
def test_what_only_the_operator_is_told_stands_out(browser, mails: dict[str, str], look: str, mode: str) -> None:
    with opened(browser, mails[look], width=360, mode=mode) as page:
        told = page.locator("[role=contentinfo] p").first
        assert "2 van de 40" in told.inner_text()
        assert told.evaluate("e => +getComputedStyle(e).fontWeight") >= 600
        colour = "e => getComputedStyle(e).color"
        assert told.evaluate(colour) != page.locator("[role=contentinfo] p").nth(1).evaluate(colour)


@pytest.mark.parametrize("look", LOOKS)
def test_text_twice_as_large_still_fits(browser, mails: dict[str, str], look: str) -> None:
    # Zooming to 200 % halves the viewport: 640 wide becomes 320.
    with opened(browser, mails[look], width=320, height=400, scale=2) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        sizes = page.evaluate(
            "[...document.querySelectorAll('p, td, h1, h2, h3, h4, a')]"
            ".filter(e => e.innerText.trim() && e.checkVisibility() && !e.closest('[aria-hidden], [role=img]'))"
            ".map(e => parseFloat(getComputedStyle(e).fontSize))"
        )
        assert min(sizes) >= 12


@pytest.mark.parametrize("look", LOOKS)
def test_a_finger_can_tell_links_apart(browser, mails: dict[str, str], look: str) -> None:
    """Where links stand one below the other, at least 24 pixels from each to the next (WCAG 2.2, 2.5.8)."""
    with opened(browser, mails[look], width=320) as page:
        tops = page.evaluate(
            "[...document.querySelectorAll('.sources, .notes')]"
            ".map(list => [...list.querySelectorAll('a')].map(a => a.getBoundingClientRect().top))"
        )
        assert all(after - before >= 24 for column in tops for before, after in pairwise(column))
        footer = page.evaluate("[...document.querySelectorAll('.footlink')].map(a => a.getBoundingClientRect().height)")
        assert min(footer) >= 24


@pytest.mark.parametrize("look", LOOKS)
def test_structure_and_no_request_leaves(browser, mails: dict[str, str], look: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    try:
        page.set_content(mails[look], wait_until="networkidle")
        assert page.locator("h1").count() == 1
        assert page.locator("table:not([role=presentation])").count() == 0
        assert page.locator("img, script, link, iframe").count() == 0
        assert [url for url in asked if not url.startswith(("about:", "data:"))] == []
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
        assert levels[:2] == [1, 2]
        assert all(after - before <= 1 for before, after in pairwise(levels))
        assert not page.locator(".preheader").is_visible()
        link = page.locator("a", has_text="Uitschrijven")
        assert link.evaluate("a => a.href") == "https://example.org/u/token"
        languages = page.evaluate("[...document.querySelectorAll('span[lang]')].map(s => [s.lang, s.dir])")
        assert ["de", "ltr"] in languages
    finally:
        page.close()


def test_on_one_screen_of_brief_there_are_ten_stories(browser) -> None:
    with opened(browser, rendered("brief", ten_stories()).html, width=640, height=900) as page:
        assert (
            page.evaluate("[...document.querySelectorAll('.story')].map(e => e.getBoundingClientRect().bottom)")[9]
            <= 900
        )


@pytest.mark.parametrize("look", LOOKS)
def test_a_heading_of_a_date_is_never_lost(browser, look: str) -> None:
    with opened(browser, rendered(look, view("nl")).html) as page:
        said = page.locator("body").inner_text().lower()
        assert ("25 mei 2025" in said, "24 mei 2025" in said) == (True, True)


#: Where the links lead of mails that have some, as they are filled in here.
LINKED = {"confirm": ["mailto:"], "address-ask": ["mailto:"], "subscribed": ["https:"]}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", LETTERS)
def test_mails_to_one_person_fit_and_can_be_read(browser, name: str, mode: str) -> None:
    html = spliced_letter(letter(name, "fr").html)
    for width in (320, 1000):
        with opened(browser, html, width=width, mode=mode) as page:
            assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
            texts = [s for s in page.evaluate(COLOURS) if s["text"]]
            assert len(texts) > 6
            assert [t for t in texts if t["ratio"] < 4.5] == []
            assert page.locator("h1").count() == 1
            assert page.locator("table:not([role=presentation])").count() == 0
            links = page.locator("a").evaluate_all("all => all.map(a => a.protocol)")
            assert links == next((found for start, found in LINKED.items() if name.startswith(start)), [])


# A drawing of ours stands for the picture: a browser does not know what `cid:` is.
DRAWN = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='1040' height='585'/%3E"


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("mode", MODES)
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
    with opened(browser, html, width=width, mode=mode) as page:
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
            assert [t for t in page.evaluate(COLOURS) if t["text"] and t["ratio"] < 4.5] == []
