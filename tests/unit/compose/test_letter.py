"""Mails to one person: in every language, whatever the names in them are, with each slot on its own line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.compose.letter import Confirm, LetterSlots, Notice
from digest.compose.render import Renderer
from digest.errors import TemplateError
from tests.support.catalogues import SHIPPED
from tests.support.fixed_letters import ALONE, BY_MAIL, BY_WEB, LETTERS, letter
from tests.support.fixed_view import TEMPLATES

_HOW = {"zone": "UTC", "sender": "Post <post@example.org>", "imprint": ""}


@pytest.mark.parametrize("language", SHIPPED)
@pytest.mark.parametrize("name", LETTERS)
def test_every_language_says_it_in_its_own_words(name: str, language: str) -> None:
    made, english = letter(name, language), letter(name, "en")
    _, slots = LETTERS[name]
    assert made.subject
    assert "\n" not in made.subject
    assert (made.subject == english.subject) == (language == "en")
    for marker in slots.all:
        assert made.text.split("\n").count(marker) == 1
        assert marker in made.html.split("\n")
    assert f'lang="{language}"' in made.html
    said, _ = LETTERS[name]
    if isinstance(said, Notice):
        for command in said.commands:
            assert f"\n  {command}\n" in made.text, "a command stands whole on a line"
            assert command in made.html


def test_a_right_to_left_language_is_mirrored(tmp_path: Path) -> None:
    (tmp_path / "locale").mkdir()
    words = (TEMPLATES / "locale" / "en.po").read_text("utf-8").replace("Language: en", "Language: ar")
    (tmp_path / "locale" / "ar.po").write_text(words, "utf-8")
    made = Renderer([tmp_path, TEMPLATES]).letter(
        Confirm("P", "day", 7, "p@example.org"), BY_MAIL, language="ar", **_HOW
    )
    assert 'lang="ar" dir="rtl"' in made.html


def test_what_comes_from_outside_breaks_nothing() -> None:
    hostile = f"<b>x</b>\r\nBcc: y@example.org\u202e {BY_MAIL.confirm} {'word ' * 300}"
    renderer = Renderer([TEMPLATES])
    asked = renderer.letter(Confirm(hostile, "day", 7, "p@example.org"), BY_MAIL, language="en", **_HOW)
    told = Notice("stopped", 1, datetime(2026, 3, 2, tzinfo=UTC), hostile, commands=("digest deliver",))
    notice = renderer.letter(told, ALONE, language="en", **_HOW)
    for made in (asked, notice):
        assert "\n" not in made.subject
        assert "<b>" not in made.html
        assert "\u202e" not in made.subject + made.text + made.html
    assert asked.text.count(BY_MAIL.confirm) == 1, "a name cannot place a slot"
    assert len(notice.html) < 10_000, "a reply is not told at any length"


def test_a_page_takes_the_place_of_the_mailbox() -> None:
    by_mail, by_web = letter("confirm", "en"), letter("confirm-web", "en")
    assert "post@example.org with this subject" in by_mail.html
    assert BY_MAIL.phrase in by_mail.text
    assert "with this subject" not in by_web.html + by_web.text
    assert by_web.html.split("\n").count(BY_WEB.confirm) == 2, "the button, and the address to copy"


def test_a_template_without_its_slot_is_refused(tmp_path: Path) -> None:
    (tmp_path / "confirm").mkdir()
    mine = '{% extends "shipped/confirm/body.txt" %}{% block content %}Click!{% endblock %}'
    (tmp_path / "confirm" / "body.txt").write_text(mine)
    with pytest.raises(TemplateError, match="missing"):
        Renderer([tmp_path, TEMPLATES]).letter(Confirm("P", "day", 7, "p@example.org"), BY_MAIL, language="en", **_HOW)


def test_a_cadence_without_a_name_is_left_out() -> None:
    said, slots = LETTERS["confirm"]
    assert isinstance(said, Confirm)
    made = Renderer([TEMPLATES]).letter(replace(said, cadence="extra"), slots, language="en", **_HOW)
    assert "(" not in made.text.partition("Confirm the")[0]
    assert LetterSlots("a").all == ("a",)
