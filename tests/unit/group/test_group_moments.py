"""Dates, months and weekdays that texts tell, in one form for all languages."""

from __future__ import annotations

import pytest

from digest.group.moments import is_common, moments
from digest.group.words import token_list


def told(text: str, language: str) -> list[str]:
    return list(moments(token_list(text, language), language))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The bridge opened on Tuesday, March 3rd."),
        ("en", "The bridge opened on Tuesday 3 March."),
        ("nl", "De brug ging dinsdag 3 maart open."),
        ("de", "Am Dienstag, dem 3. März, wurde die Brücke eröffnet."),
        ("fr", "Le pont a ouvert mardi 3 mars."),
        ("it", "Il ponte ha aperto martedì 3 marzo."),
        ("es", "El puente abrió el martes 3 de marzo."),
        ("sv", "Bron öppnade på tisdagen den 3 mars."),
        ("pl", "Most otwarto we wtorek 3 marca."),
        ("ru", "Мост открыли во вторник, 3 марта."),
        ("sl", "Most so odprli v torek, 3. marca."),
        ("ar", "افتتح الجسر يوم الثلاثاء 3 مارس"),
    ],
)
def test_a_weekday_and_a_date_are_the_same_in_every_language(language: str, text: str) -> None:
    assert told(text, language) == ["tue", "3.03"]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("pl", "w środę i w sobotę", ["wed", "sat"]),  # not the form that the locale data has
        ("ru", "в среду и в субботу", ["wed", "sat"]),
        ("pt", "na terça-feira, 29 de dezembro", ["29.12"]),  # `terça` is an ordinal too
        ("en", "in December and in May", ["m12"]),
        ("en", "They may march on the sun.", []),
        ("fr", "La sonde vers Mars est partie.", []),
        ("de", "40 Mai", []),  # no such day
        ("en", "3,000 people marched", []),
        ("ja", "3月3日", []),
        ("xx", "3 March", []),
        ("en", "", []),
    ],
)
def test_what_tells_a_day_and_what_does_not(language: str, text: str, expected: list[str]) -> None:
    assert told(text, language) == expected


def test_only_a_date_is_rare() -> None:
    assert [is_common(moment) for moment in ("tue", "m12", "3.03")] == [True, True, False]
