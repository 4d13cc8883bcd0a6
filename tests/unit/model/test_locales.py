"""Names of months and days are a language's own, whatever else the process named before."""

from __future__ import annotations

from datetime import date

import pytest
from babel import UnknownLocaleError

from digest.compose.words import Words
from digest.group import moments
from digest.model import locales
from tests.support.fixed_view import TEMPLATES

OWN = {"fr": "décembre", "de": "Dezember", "da": "december", "nl": "december", "he": "דצמבר", "ar": "ديسمبر"}


@pytest.mark.parametrize("first", ["he", "ar", "fr"])
def test_a_month_is_named_in_the_language_that_was_asked_for(first: str) -> None:
    for language in (first, *OWN):
        words = Words([TEMPLATES / "locale"], language, "UTC")
        assert words.month_name(12) == OWN[language]
        assert words.full(date(2026, 12, 24)).split()[-2].removeprefix("ב") == OWN[language]


def test_a_short_month_too() -> None:
    said = {
        code: Words([TEMPLATES / "locale"], code, "UTC").month(date(2026, 2, 1)) for code in ("he", "nl", "fr", "sv")
    }
    assert said == {"he": "פבר׳", "nl": "feb", "fr": "févr.", "sv": "feb."}


def test_a_month_is_known_in_articles_whatever_was_read_before() -> None:
    moments._names.cache_clear()
    for language in ("he", "fr", "de"):
        assert moments._names(language)
    assert moments._names("fr")["decembre"] == 12
    assert "דצמבר" not in moments._names("fr")


def test_a_locale_that_nobody_knows() -> None:
    with pytest.raises((UnknownLocaleError, ValueError)):
        locales.parse("xx-nowhere")
