"""The catalogues are whole, and dates say just what is known."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from digest.compose.words import Words, direction
from digest.errors import TemplateError
from digest.model.dates import PartialDate, Precision
from tests.support.making import TEMPLATES, day

LOCALE = TEMPLATES / "locale"
LANGUAGES = ("nl", "de", "it", "en", "fr", "es")
_PLACE = re.compile(r"%\(\w+\)s")
_SAID = re.compile(r"""\b(?:say|count)\(\s*"([^"]+)"(?:,\s*"([^"]+)")?""")


def catalogue(language: str):
    with (LOCALE / f"{language}.po").open("rb") as file:
        return {(m.id if isinstance(m.id, str) else m.id[0]): m for m in read_po(file, abort_invalid=True) if m.id}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_with_the_same_placeholders(language: str) -> None:
    english, other = catalogue("en"), catalogue(language)
    assert set(english) == set(other)
    for key, message in other.items():
        forms = (message.string,) if isinstance(message.string, str) else message.string
        ids = (message.id,) if isinstance(message.id, str) else message.id
        assert type(message.id) is type(english[key].id), key
        assert all(forms), key
        assert not message.fuzzy, key
        assert set(_PLACE.findall(forms[-1])) == set(_PLACE.findall(ids[-1])), key
        # A form for exactly one may say so without the figure, but may ask for nothing else.
        assert all(set(_PLACE.findall(f)) <= set(_PLACE.findall(ids[-1])) for f in forms), key


def test_everything_that_is_said_stands_in_the_catalogues() -> None:
    files = [
        *TEMPLATES.rglob("*.html"),
        *TEMPLATES.rglob("*.txt"),
        TEMPLATES.parent / "digest/compose/present.py",
        TEMPLATES.parent / "digest/compose/letter.py",
    ]
    said = {m for f in files for pair in _SAID.findall(f.read_text("utf-8")) for m in pair if m}
    known = {form for m in catalogue("en").values() for form in ([m.id] if isinstance(m.id, str) else m.id)}
    assert said
    assert said <= known


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
    assert Words([LOCALE], "pt-BR", "UTC").language == "en"
    assert Words([LOCALE], "nl-BE", "UTC").say("Unsubscribe") == "Uitschrijven"
    assert Words([LOCALE], "../nl", "UTC").language == "en"


def test_an_operators_words_stand_on_top(tmp_path: Path) -> None:
    own = tmp_path / "nl.po"
    own.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Unsubscribe"\nmsgstr "Stop"\n'
    )
    words = Words([tmp_path, LOCALE], "nl", "UTC")
    assert (words.say("Unsubscribe"), words.say("Sources")) == ("Stop", "Bronnen")


def test_a_translators_slip_does_not_keep_the_mail(tmp_path: Path) -> None:
    (tmp_path / "nl.po").write_text('msgid "In %(language)s"\nmsgstr "In %(taal)s"\n')
    assert Words([tmp_path, LOCALE], "nl", "UTC").in_language("de") == "In het Duits"


def test_a_broken_catalogue_is_named(tmp_path: Path) -> None:
    (tmp_path / "nl.po").write_text('msgid "Unsubscribe"\nnonsense\n')
    with pytest.raises(TemplateError, match=r"nl\.po:2"):
        Words([tmp_path, LOCALE], "nl", "UTC")
