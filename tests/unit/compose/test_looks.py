"""What holds for every look: it says all that there is to say, in few bytes, and its links lead where they should."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.compose.page import Page
from digest.compose.present import Presenter
from digest.compose.render import Rendered
from digest.compose.words import Words
from digest.model.edition import View
from tests.support.fixed_view import BRIDGE, FACTS, SLOTS, TEMPLATES, view
from tests.support.looks import LOOKS, rendered

_ENTRY = re.compile(r'(?=<table class="entry|<div class="story)')
_HREF = re.compile(r'<a [^>]*href="(https://[^"]+)"')
#: Bytes of HTML for a story with a timeline of three steps and for one without; Gmail cuts a mail off near 102 KB.
_MOST = {"paper": (4500, 1800), "brief": (2000, 1200), "plain": (4300, 1250)}


def with_entries(*entries: object) -> View:
    section = view("nl").sections[0]
    group = replace(section.groups[0], entries=entries)
    return replace(view("nl"), sections=(replace(section, groups=(group,)),), more=0, notes=())


def since_yesterday(shown: View) -> View:
    return replace(shown, covers_from=shown.edition.cut_at - timedelta(hours=24))


def page_of(shown: View) -> Page:
    return Presenter(shown, Words([TEMPLATES / "locale"], "nl", shown.zone), SLOTS).page(FACTS)


@pytest.mark.parametrize("look", LOOKS)
def test_where_nothing_is_new_the_mail_says_so_in_its_own_style(look: str) -> None:
    empty = since_yesterday(replace(view("nl"), sections=(), more=0))
    page, mail = page_of(empty), rendered(look, empty)
    assert mail.subject.startswith("Niets nieuws · ")
    assert page.nothing
    for body in (mail.html.partition('role="main"')[2], mail.text):
        assert " ".join(body.split()).count(page.nothing) == 1
        assert "0 verhalen" not in body
        assert "example.org/4" not in body


@pytest.mark.parametrize("look", LOOKS)
def test_near_its_date_a_mail_says_what_it_covers(look: str) -> None:
    shown = since_yesterday(replace(view("nl"), notes=()))
    page, mail = page_of(shown), rendered(look, shown)
    assert page.covers
    for body in (mail.html.partition('role="main"')[2], mail.text):
        assert body.index("26 mei 2025") < body.index(page.covers) < body.index("De oude Schiebrug")


@pytest.mark.parametrize("look", LOOKS)
def test_each_link_of_the_html_stands_in_the_text_on_a_line_of_its_own(look: str) -> None:
    mail = rendered(look, view("nl"))
    lines = [line.strip() for line in mail.text.split("\n")]
    linked = set(_HREF.findall(mail.html))
    assert "https://example.org/4" in linked
    if look == "plain":  # the other looks name the past's publishers only
        assert linked <= set(lines)
        assert len([line for line in lines if line == "https://example.org/4"]) == 1


def test_plain_keeps_addresses_out_of_its_sentences_and_marks_them() -> None:
    text = rendered("plain", view("nl")).text
    assert "De oude Schiebrug gaat maandag open [1]" in text
    assert "vervangen. — Stadskrant [1]" in text
    assert "    [1] Stadskrant, 25 mei 2025: De oude Schiebrug gaat maandag open\n        https://example.org/4" in text


def test_who_says_so_stands_a_space_behind_what_is_said() -> None:
    html = rendered("plain", view("nl")).html
    assert re.findall(r"</span> <span [^>]*>—", html)
    assert not re.findall(r"\S<span [^>]*>—", html)


def test_the_timeline_is_drawn_in_the_text_too() -> None:
    drawn = {look: rendered(look, view("nl")).text for look in LOOKS}
    for look in ("brief", "paper"):
        assert "2022 o.................o--------------*------ 2025" in drawn[look]
    assert "o...............|............o--|---------------|-----*---------|" in drawn["plain"]


@pytest.mark.parametrize("look", LOOKS)
def test_of_steps_a_day_apart_there_is_no_drawing(look: str) -> None:
    near = tuple(replace(step, date=BRIDGE.date) for step in BRIDGE.timeline)
    mail = rendered(look, with_entries(replace(BRIDGE, timeline=near, skipped=0)))
    assert 'class="leg' not in mail.html
    assert "o-" not in mail.text
    assert 'class="leg' in rendered(look, with_entries(BRIDGE)).html


def per_entry(mail: Rendered, number: int) -> float:
    alone = _ENTRY.split(mail.html)
    assert len(alone) == number + 1
    return sum(len(part.encode()) for part in alone[1:-1]) / (number - 1)


@pytest.mark.parametrize("look", LOOKS)
def test_a_story_takes_few_bytes(look: str) -> None:
    told = replace(BRIDGE, summary=BRIDGE.summary[:2], sources=BRIDGE.sources[:2], developments=(), skipped=0, texts=0)
    short = replace(told, timeline=())
    for most, entry in zip(_MOST[look], (told, short), strict=True):
        entries = [replace(entry, story=n, score=float(-n)) for n in range(10)]
        assert per_entry(rendered(look, with_entries(*entries)), 10) < most
