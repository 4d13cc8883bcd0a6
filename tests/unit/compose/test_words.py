"""Words, dates and plurals of a language; an operator's own on top."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.compose.words import Words, direction
from digest.errors import TemplateError
from digest.model.dates import PartialDate, Precision
from tests.support.making import TEMPLATES, day

LOCALE = TEMPLATES / "locale"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("nl", ("2025", "mei 2025", "24 mei 2025", "24 mei, 17:00", "24 mei 2025, 17:00", "zaterdag 24 mei 2025")),
        ("de", ("2025", "Mai 2025", "24. Mai 2025", "24. Mai, 17:00", "24. Mai 2025, 17:00", "Samstag, 24. Mai 2025")),
        ("en", ("2025", "May 2025", "24 May 2025", "24 May, 17:00", "24 May 2025, 17:00", "Saturday 24 May 2025")),
    ],
)
def test_dates_say_just_what_is_known(language: str, expected: tuple[str, ...]) -> None:
    words = Words([LOCALE], language, "Europe/Brussels")
    minute = PartialDate(datetime(2025, 5, 24, 15, tzinfo=UTC), Precision.MINUTE)
    near = minute.start.date()
    coarse = [words.exact(day("2025-05-24", p)) for p in (Precision.YEAR, Precision.MONTH, Precision.DAY)]
    full = words.weekday(minute).replace("Saturday,", "Saturday")  # CLDR's comma comes and goes
    assert (*coarse, words.exact(minute, near), words.exact(minute), full) == expected
    assert words.weekday(day("2025-05-01", Precision.MONTH)) == expected[1]


def test_a_time_is_the_readers_and_a_nominal_day_stays() -> None:
    words = Words([LOCALE], "nl", "Asia/Tokyo")
    late = PartialDate(datetime(2025, 5, 24, 20, tzinfo=UTC), Precision.MINUTE)
    assert words.exact(late, late.start.date()) == "25 mei, 05:00"
    assert words.day(day("2025-05-24")) == "24 mei 2025"


def test_plurals() -> None:
    one, many = "%(n)s source", "%(n)s sources"
    assert [Words([LOCALE], "nl", "UTC").count(one, many, n) for n in (0, 1, 2, 1200)] == [
        "0 bronnen",
        "1 bron",
        "2 bronnen",
        "1.200 bronnen",
    ]
    assert Words([LOCALE], "fr", "UTC").count(one, many, 0) == "0 source"


def test_language_names() -> None:
    words = Words([LOCALE], "nl", "UTC")
    assert words.in_language("de") == "In het Duits"
    assert words.in_language("und") == words.in_language("q?") == ""
    assert (direction("ar"), direction("nl"), direction("und")) == ("rtl", "ltr", "auto")


def test_an_unknown_language_is_told_in_english() -> None:
    words = Words([LOCALE], "fy", "UTC")
    assert words.language == "en"
    assert words.say("Unsubscribe") == "Unsubscribe"
    assert words.day(day("2025-05-24")) == "24 May 2025"
    assert Words([LOCALE], "../nl", "UTC").language == "en"


def own(folder: Path, name: str, unsubscribe: str, head: str = "") -> None:
    (folder / f"{name}.po").write_text(
        f'msgid ""\nmsgstr "{head}Content-Type: text/plain; charset=utf-8\\n"\n\n'
        f'msgid "Unsubscribe"\nmsgstr "{unsubscribe}"\n'
    )


def test_the_words_of_a_region_stand_before_those_of_its_language(tmp_path: Path) -> None:
    assert Words([LOCALE], "nl-BE", "UTC").say("Unsubscribe") == "Uitschrijven"
    assert Words([LOCALE], "pt-BR", "UTC").say("Unsubscribe") == "Cancelar a subscrição"
    own(tmp_path, "pt_BR", "Cancelar a assinatura")
    brazil = Words([tmp_path, LOCALE], "pt-BR", "UTC")
    assert (brazil.say("Unsubscribe"), brazil.say("Sources")) == ("Cancelar a assinatura", "Fontes")
    assert (brazil.language, brazil.number(4213)) == ("pt_BR", "4.213")
    assert Words([tmp_path, LOCALE], "pt", "UTC").say("Unsubscribe") == "Cancelar a subscrição"


def test_a_catalogue_says_whose_dates_and_numbers_go_with_it(tmp_path: Path) -> None:
    when = day("2025-05-24").start.date()
    assert [Words([LOCALE], x, "UTC").number(4213) for x in ("pt", "en")] == ["4\xa0213", "4,213"]
    assert Words([LOCALE], "en", "UTC").short(when) == "24 May"
    own(tmp_path, "pt", "Cancelar a assinatura", "Language: pt_BR\\n")
    own(tmp_path, "en", "Leave", "Language: en_US\\n")
    own(tmp_path, "nl", "Stop", "Language: de_DE\\n")  # another language's country is none of its own
    brazil = Words([tmp_path, LOCALE], "pt", "UTC")
    assert (brazil.language, brazil.number(4213), brazil.say("Sources")) == ("pt", "4.213", "Fontes")
    assert Words([tmp_path, LOCALE], "en", "UTC").short(when) == "May 24"
    assert Words([tmp_path, LOCALE], "nl", "UTC").short(when) == "24 mei"


def test_an_operators_words_stand_on_top(tmp_path: Path) -> None:
    own(tmp_path, "nl", "Stop")
    words = Words([tmp_path, LOCALE], "nl", "UTC")
    assert (words.say("Unsubscribe"), words.say("Sources")) == ("Stop", "Bronnen")


def test_a_translators_slip_does_not_keep_the_mail(tmp_path: Path) -> None:
    (tmp_path / "nl.po").write_text('msgid "In %(language)s"\nmsgstr "In %(taal)s"\n')
    assert Words([tmp_path, LOCALE], "nl", "UTC").in_language("de") == "In het Duits"


def test_a_broken_catalogue_is_named(tmp_path: Path) -> None:
    (tmp_path / "nl.po").write_text('msgid "Unsubscribe"\nnonsense\n')
    with pytest.raises(TemplateError, match=r"nl\.po:2"):
        Words([tmp_path, LOCALE], "nl", "UTC")
