"""The pages of the web part in a real browser: narrow and wide, light and dark, mirrored, without a script."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, time
from itertools import pairwise
from pathlib import Path

import pytest

from digest.compose.contents import contents
from digest.compose.copy import copy
from digest.compose.words import Words, own_name
from digest.model.cadence import Cadence, Every, Lateness
from digest.model.dates import PartialDate
from digest.model.edition import DateGroup, Section
from digest.model.publication import Access, Publication
from digest.model.story import Topic
from digest.model.subscription import Subscriber, Subscription
from digest.pipeline.offer import Offer
from digest.pipeline.preferences import Asked, Done, Preferences
from digest.pipeline.signing_up import Filled
from digest.settings import MailSettings
from digest.web.archive import Link, Row
from digest.web.form import form
from digest.web.pages import Pages
from digest.web.sign_up_form import form as sign_up_form
from tests.support import fixed_view
from tests.support.fixed_view import FACTS, TEMPLATES

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
if not Path(CHROMIUM).exists():
    pytest.skip("Chromium is not installed", allow_module_level=True)

from tests.support.browser import COLOURS  # noqa: E402 - where there is a browser

LONG = "ohne-Trennstelle-" * 12
URL = "https://news.example.org"


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
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """With a language that runs the other way, of which there are only a few words."""
    own = tmp_path_factory.mktemp("templates")
    (own / "locale").mkdir()
    (own / "locale" / "fa.po").write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\nmsgid "Sources"\nmsgstr "منابع"\n',
        "utf-8",
    )
    said: list[str] = []
    return Pages([own, TEMPLATES], said.append)


def edition_page(pages: Pages, language: str) -> str:
    shown = fixed_view.view(language)
    long = replace(fixed_view.TRAIN, story=80, headline=LONG)
    beyond = (
        Section("sport", "Sport", (DateGroup(fixed_view.TRAIN.date, (long, replace(fixed_view.MODELLED, story=81))),)),
        Section("other", "", (DateGroup(fixed_view.MOSS.date, (replace(fixed_view.MOSS, story=82, summary=()),)),)),
    )
    shown = replace(shown, beyond=beyond, more=9, notes=("late",), zone="Europe/Brussels")
    answer = pages.page(
        "edition", language, style="edition", zone=shown.zone, broken=500,
        make=lambda words: {"page": copy(shown, words, FACTS)},
    )  # fmt: skip
    assert answer.status_code == 200
    return bytes(answer.body).decode()


def preferences_page(pages: Pages, language: str, *wrong: str) -> str:
    cadences = (Cadence(Every.DAY), Cadence(Every.WEEK, time(18, 30), weekday=4))
    publication = Publication(
        "news", LONG, cadences, "UTC", "nl", Lateness.LATE, 12.0, "News <news@example.org>", "paper",
    )  # fmt: skip
    who = Subscriber("x" * 64 + "@" + "y" * 60 + ".example")
    subscription = Subscription(who, "news", "day", language, "Europe/Brussels")
    topics = (Topic("sport", "Sport", "iptc"), Topic("long", LONG, "operator"), Topic("other", ""))
    days = (date(2026, 3, 3), date(2028, 3, 2))
    done = Done(Preferences(subscription, publication, topics, ("de", "fa", "nl"), days), wrong=wrong)
    asked = Asked((), "", "", LONG[:50], True, "soon") if wrong else None
    answer = pages.page(
        "preferences", language, style="preferences", broken=500,
        make=lambda words: {"form": form(done, words, asked)}, saved=False, asked=False,
        address=LONG[:60] if wrong else "", unsubscribe="../u/token",
    )  # fmt: skip
    assert answer.status_code == 200
    return bytes(answer.body).decode()


def sign_up_page(pages: Pages, language: str, *wrong: str) -> str:
    cadences = (Cadence(Every.DAY), Cadence(Every.WEEK, time(18, 30), weekday=4))
    publication = Publication(
        "news", LONG, cadences, "UTC", "nl", Lateness.LATE, 12.0, "News <news@example.org>", "paper",
        about=f"What it is.\n{LONG}", consent="We keep it.", imprint="Market 1\nDelft", sign_up=Access.OPEN,
    )  # fmt: skip
    topics = (Topic("sport", "Sport", "iptc"), Topic("long", LONG, "operator"), Topic("other", ""))
    offered = Offer(publication, topics, ("de", "fa", "nl"))
    filled = Filled("x" * 64 + "@" + "y" * 60, (), "", "", LONG[:50]) if wrong else None
    answer = pages.page(
        "sign_up", language, style="preferences", broken=500,
        make=lambda words: {"form": sign_up_form(MailSettings(), offered, words, filled, wrong)},
        archive=f"{URL}/a/news",
    )  # fmt: skip
    assert answer.status_code == 200
    return bytes(answer.body).decode()


#: Pages of few words, with what they show.
_SMALL: dict[str, dict[str, object]] = {
    "start": {"publications": [
        {"title": LONG, "about": [LONG, "More."], "sign_up": "s/a", "archive": "a/a"},
        {"title": "News", "about": [], "sign_up": "", "archive": "a/b"},
    ]},
    "unsubscribed": {"title": LONG, "others": 3, "every": False, "sign_up": "../s/news"},
    "move": {"over": False, "done": False, "address": "n…@" + "y" * 60 + ".example"},
    "thanks": {"title": LONG},
    "confirm": {"title": LONG, "address": "x…@" + "y" * 60 + ".example", "consent": ["One.", LONG], "agreed": "nl.1",
                "changed": True},
    "confirmed": {"title": LONG, "done": True, "first": "dinsdag 3 maart 2026, 07:00", "always": False,
                  "preferences": "../p/token"},
    "confirm_later": {"title": LONG, "standing": "expired"},
    "renewed": {"title": LONG, "sent": False},
}  # fmt: skip


def small_page(pages: Pages, name: str, language: str) -> str:
    answer = pages.page(name, language, broken=500, **_SMALL[name])
    assert answer.status_code == 200
    return bytes(answer.body).decode()


def archive_page(pages: Pages, language: str) -> str:
    def listed(words: Words) -> dict[str, object]:
        months = [Link(f"2026-{n:02}", words.month_name(n)) for n in range(12, 0, -1)]
        rows = [Row(f"day/{n}", contents(fixed_view.view(language), words, 3), "2026-03-02") for n in (3, 2, 1)]
        return {"rows": rows, "years": [("2026", months)], "month": "", "newer": "x", "older": "y", "comma": ", "}

    answer = pages.page(
        "archive", language, style="archive", broken=500, make=listed,
        publication=open_publication(), url=f"{URL}/a/news", open=True, base="news/",
    )  # fmt: skip
    assert answer.status_code == 200
    return bytes(answer.body).decode()


def archived_page(pages: Pages, language: str) -> str:
    shown = replace(fixed_view.view(language), zone="Europe/Brussels")
    tongues = [Link(code, own_name(code), code) for code in ("ar", "en", "fa", "nl")]
    answer = pages.page(
        "archived", language, style="edition", zone=shown.zone, broken=500,
        make=lambda words: {"page": copy(shown, words, FACTS)}, publication=open_publication(), url=f"{URL}/a/news",
        up="../../", path="day/2", chosen=language, languages=tongues, older="day/1", newer="day/3", open=True,
    )  # fmt: skip
    assert answer.status_code == 200
    return bytes(answer.body).decode()


def open_publication() -> Publication:
    cadences = (Cadence(Every.DAY),)
    about = f"{LONG}\nالأخبار"
    return Publication("news", LONG, cadences, "UTC", "nl", Lateness.LATE, 12.0, "", "paper", about=about)


def made(pages: Pages, name: str, language: str) -> str:
    if name.startswith("archive"):
        return (archive_page if name == "archive" else archived_page)(pages, language)
    if name in _SMALL:
        return small_page(pages, name, language)
    if name.startswith("sign-up"):
        fields = ("email", "topics", "cadence", "language", "zone", "agreed") if name == "sign-up-wrong" else ()
        return sign_up_page(pages, language, *fields)
    if name == "edition":
        return edition_page(pages, language)
    return preferences_page(pages, language, *(WRONG if name == "wrong" else ()))


WRONG = ("topics", "cadence", "language", "zone", "until", "address")
NAMES = ("edition", "preferences", "wrong", "sign-up", "sign-up-wrong", "archive", "archived", *_SMALL)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("language", ["nl", "fa"])
@pytest.mark.parametrize("name", NAMES)
def test_it_fits_and_can_be_read(browser, pages: Pages, name: str, language: str, mode: str) -> None:
    html = made(pages, name, language)
    for width in (320, 600, 1200):
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=mode)
        try:
            page.set_content(html)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
            texts = [t for t in page.evaluate(COLOURS) if t["text"]]
            assert len(texts) >= (2 if name in _SMALL else 10)
            assert [t for t in texts if t["ratio"] < 4.5] == []
            assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "fa" else "ltr")
            assert page.evaluate("getComputedStyle(document.body).direction") == ("rtl" if language == "fa" else "ltr")
        finally:
            page.close()


@pytest.mark.parametrize("name", NAMES)
def test_structure_and_no_request_leaves(browser, pages: Pages, name: str) -> None:
    page = browser.new_context(java_script_enabled=True).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    try:
        page.set_content(made(pages, name, "nl"), wait_until="networkidle")
        assert page.locator("h1").count() == page.locator("main").count() == 1
        loading = "img, script, iframe, [style], link:not([rel=alternate], [rel=canonical], [rel=prev], [rel=next])"
        assert page.locator(loading).count() == 0
        assert [url for url in asked if not url.startswith(("about:", "data:"))] == []
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5')].map(h => +h.tagName[1])")
        assert all(after - before <= 1 for before, after in pairwise(levels))
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
        assert len(ids) == len(set(ids))
        named = page.evaluate(
            "[...document.querySelectorAll('[aria-labelledby],[aria-describedby]')].flatMap(e => "
            "[...(e.getAttribute('aria-labelledby') || '').split(' '), "
            "...(e.getAttribute('aria-describedby') || '').split(' ')]).filter(Boolean)"
        )
        assert set(named) <= set(ids)
    finally:
        page.close()


def test_dates_are_told_to_machines_as_far_as_they_are_known(browser, pages: Pages) -> None:
    page = browser.new_page()
    try:
        page.set_content(edition_page(pages, "nl"))
        times = page.evaluate("[...document.querySelectorAll('time')].map(t => [t.dateTime, t.innerText])")
        assert ["2025-05", "mei 2025"] in times
        assert ["2022", "2022"] in times
        assert all(re.fullmatch(r"\d{4}(-\d\d){0,2}(T\d\d:\d\dZ)?", told) for told, _ in times)
        assert PartialDate(fixed_view.TRAIN.date.start.astimezone(UTC), fixed_view.TRAIN.date.precision).iso() in {
            told for told, _ in times
        }
    finally:
        page.close()


def test_each_field_has_a_name_and_a_reachable_size(browser, pages: Pages) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 800})
    try:
        page.set_content(preferences_page(pages, "nl"))
        for box in page.locator("input:not([type=hidden]), select").all():
            assert box.evaluate("e => e.labels.length") == 1
        for target in page.locator("label.choice, select, input[list], button").all():
            size = target.bounding_box()
            assert size
            assert size["height"] >= 44
        assert page.locator("fieldset > legend").count() == page.locator("fieldset").count() == 3
        assert page.locator("datalist option").count() > 400
    finally:
        page.close()


def test_a_field_for_programs_is_met_by_nobody(browser, pages: Pages) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 800})
    try:
        page.set_content(sign_up_page(pages, "nl"))
        assert not page.locator("#subject").is_visible()
        assert page.get_by_role("textbox").count() == 1, "to a screen reader there is the address alone"
        for box in page.locator("input:not([type=hidden]), select").all():
            assert box.evaluate("e => e.labels.length") == 1
        for target in page.locator("label.choice, select, input:is([list], [type=email]), button").all():
            assert target.bounding_box()["height"] >= 44
        met = []
        for _ in range(12):
            page.keyboard.press("Tab")
            met.append(page.evaluate("document.activeElement.name || document.activeElement.type"))
        assert "subject" not in met
        assert [name for name in dict.fromkeys(met) if name] == [
            "email", "topic", "cadence", "language", "zone", "submit",
        ]  # fmt: skip
    finally:
        page.close()


def test_a_day_is_asked_for_once_a_pause_with_an_end_is_chosen(browser, pages: Pages) -> None:
    page = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 800}).new_page()
    try:
        page.set_content(preferences_page(pages, "nl"))
        day = page.locator("#until")
        assert not day.is_visible()
        page.locator("input[value=until]").focus()
        page.keyboard.press("Space")
        assert day.is_visible()
        size = day.bounding_box()
        assert size
        assert size["height"] >= 44
        page.keyboard.press("Tab")
        assert page.locator("#until:focus").count() == 1
        page.set_content(preferences_page(pages, "nl", "until"))
        assert page.locator("#until").is_visible(), "where it is wrong it is there"
    finally:
        page.close()


def test_what_is_wrong_is_read_out_first_and_leads_to_its_field(browser, pages: Pages) -> None:
    page = browser.new_page()
    try:
        page.set_content(preferences_page(pages, "nl", "topics", "zone"))
        alert = page.get_by_role("alert")
        assert alert.evaluate("e => e === document.activeElement")
        links = alert.locator("a")
        assert links.evaluate_all("all => all.map(a => !!document.querySelector(a.hash))") == [True, True]
        zone = page.locator("#zone")
        assert zone.get_attribute("aria-invalid") == "true"
        described = (zone.get_attribute("aria-describedby") or "").split()
        assert "Er is geen tijdzone" in page.locator(f"#{described[0]}").inner_text()
    finally:
        page.close()


def test_it_is_filled_in_by_the_keyboard_alone(browser, pages: Pages) -> None:
    """And with scripts switched off: the page has none."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sent: list[str] = []

    def answer(route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.post_data)
        body = preferences_page(pages, "nl")
        route.fulfill(status=200, content_type="text/html; charset=utf-8", body=body)

    try:
        page.route("**/*", answer)
        page.goto("https://news.example.org/p/token")
        page.locator("#topics").focus()
        page.keyboard.press("Space")  # the first topic off
        for _ in range(3):
            page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")  # the other cadence
        page.locator("#zone").fill("Asia/Tokyo")
        with page.expect_response(lambda response: response.request.method == "POST"):
            page.keyboard.press("Enter")
        assert len(sent) == 1
        assert "cadence=week" in sent[0]
        assert "zone=Asia%2FTokyo" in sent[0]
        assert sent[0].count("topic=") == 2
        assert "mails=send" in sent[0]
    finally:
        context.close()


def test_on_paper_it_is_black_on_white(browser, pages: Pages) -> None:
    page = browser.new_page(color_scheme="dark")
    try:
        page.set_content(edition_page(pages, "nl"))
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert [t for t in page.evaluate(COLOURS) if t["text"] and t["ratio"] < 4.5] == []
    finally:
        page.close()
