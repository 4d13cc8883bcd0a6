"""Every shipped catalogue is whole: found by its file, held against what the templates and the code say."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from babel import Locale
from babel.messages.catalog import Message
from babel.messages.plurals import get_plural

from digest.compose.render import Renderer
from digest.compose.words import Words
from digest.model.dates import PartialDate, Precision
from tests.support.catalogues import LOCALE, SHIPPED, asked, catalogue, keys
from tests.support.fixed_view import FACTS, SLOTS, TEMPLATES, modelled, view

NUMBERS = (0, 1, 2, 3, 5, 11, 21, 100)
MANY = range(201)  # every form of every language comes up in them
#: Left as they are in English, though they are longer than two words: language -> messages.
SAME: dict[str, set[str]] = {}
_PLACE = re.compile(r"%\(\w+\)s")
_WORD = re.compile(r"[^\W\d_]+")

languages = pytest.mark.parametrize("language", SHIPPED)


def ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def messages(language: str) -> list[Message]:
    return [m for m in catalogue(language) if m.id]


def numbers_of_forms(language: str) -> list[list[int]]:
    """By plural form: the numbers that take it."""
    found = catalogue(language)
    plural = Words([LOCALE], language, "UTC")._catalogues[0].plural
    taken: list[list[int]] = [[] for _ in range(found.num_plurals)]
    for n in MANY:
        taken[plural(n)].append(n)
    return taken


def test_there_are_catalogues() -> None:
    assert {"en", "nl", "de", "fr", "it", "es", "pt", "sv", "da", "pl"} <= set(SHIPPED)


@languages
def test_its_head_is_complete(language: str) -> None:
    found = catalogue(language)
    head = {name.lower(): value for name, value in found.mime_headers}
    text = (LOCALE / f"{language}.po").read_bytes().decode("utf-8").partition("\n\n")[0]
    for field in ("Language", "Plural-Forms", "Content-Type"):
        assert f'"{field}: ' in text, f"{field} is left to be guessed"
    assert head["content-type"] == "text/plain; charset=utf-8"
    assert found.locale is not None, "Babel knows the language"
    assert str(found.locale).partition("_")[0] == language
    assert not list(found.obsolete)


@languages
def test_it_has_the_plural_forms_of_its_language(language: str) -> None:
    taken, locale = numbers_of_forms(language), catalogue(language).locale
    assert all(taken), "each form is for some number"
    assert locale is not None
    cldr = locale.plural_form
    classes = {cldr(n) for n in MANY}
    for name in classes:
        assert sum(any(cldr(n) == name for n in form) for form in taken) == 1, f"{name} is one form"
    # gettext has kept fewer than CLDR for some.
    assert len(taken) in (len(classes), get_plural(str(locale)).num_plurals)


@languages
def test_every_message_is_there_with_all_its_forms_and_places(language: str) -> None:
    taken = numbers_of_forms(language)
    for message in messages(language):
        plural = not isinstance(message.id, str)
        assert len(forms(message)) == (len(taken) if plural else 1), message.id
        assert not message.fuzzy, message.id
        assert all(map(str.strip, forms(message))), message.id
        wanted = set(_PLACE.findall(ids(message)[-1]))
        for place, form in enumerate(forms(message)):
            # Where a form is for one number alone, its words may say the number.
            spare = {"%(n)s"} if plural and len(taken[place]) == 1 else set()
            assert wanted - spare <= set(_PLACE.findall(form)) <= wanted, form
            assert "%" not in _PLACE.sub("", form), form
    assert not [str(e) for _, errors in catalogue(language).check() for e in errors]


@languages
def test_it_holds_just_what_is_said(language: str) -> None:
    said = asked()
    held = {text for message in messages(language) for text in ids(message)}
    assert not {text: file for text, file in said.items() if text not in held}
    assert not held - set(said), "nobody says them any more"
    english = {m.id for m in messages("en")}
    assert {m.id for m in messages(language)} == english


@languages
def test_nothing_longer_than_two_words_is_left_in_english(language: str) -> None:
    left = set()
    for message in messages(language):
        for text in set(ids(message)) & set(forms(message)):
            if len(_WORD.findall(_PLACE.sub("", text))) > 2:
                left.add(text)
    if language == "en":
        assert all(set(forms(m)) == set(ids(m)) for m in messages("en"))
    else:
        assert left == SAME.get(language, set())


@languages
def test_it_can_be_said_with_any_number_and_date(language: str) -> None:
    words = Words([LOCALE], language, "Europe/Brussels")
    assert words.language == language
    assert words.dir == Locale.parse(language).text_direction
    plurals = [m for m in messages(language) if not isinstance(m.id, str)]
    assert plurals
    for message in plurals:
        one, many = ids(message)
        others = {name: name for name in re.findall(r"%\((\w+)\)s", one + many) if name != "n"}
        said = [words.count(one, many, n, **others) for n in NUMBERS]
        assert not [text for text in said if "%" in text]
        # 21 and 100 are never told in words, whatever the language.
        assert all(words.number(n) in text for n, text in zip(NUMBERS, said, strict=True) if n > 2), said
    minute = datetime(2025, 5, 24, 15, tzinfo=UTC)
    for precision in Precision:
        when = PartialDate(minute, precision)
        for text in (words.exact(when), words.exact(when, minute.date()), words.day(when), words.weekday(when)):
            assert text.strip()
            assert ("2025" in text) or precision is Precision.MINUTE, text
    assert words.full(minute.date()) != words.short(minute.date())
    assert words.since(minute, date(2025, 5, 26)) in words.full(minute.date())
    assert words.clock(minute)
    for other in SHIPPED:
        assert words.language_name(other) in words.in_language(other) != ""


@languages
def test_a_whole_mail_is_told_in_it(language: str) -> None:
    renderer = Renderer([TEMPLATES])
    long = [t for t in keys("en") if len(_WORD.findall(t)) > 2 and "%" not in t]
    for made in (renderer.render(view(language), SLOTS, FACTS), renderer.render(modelled(language), SLOTS, FACTS)):
        text = " ".join(made.text.split())
        assert f'lang="{language}" dir="{Locale.parse(language).text_direction}"' in made.html
        assert bool([t for t in long if t in text]) == (language == "en")
        assert "%(" not in made.subject + made.text + made.html
