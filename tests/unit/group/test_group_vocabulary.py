"""What words stand for: exact forms, stems, compounds, phrases, and the shipped lists themselves."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files

import pytest

from digest.group.lexicon import currencies, faint_words, topic_entries, whole_words
from digest.group.vocabulary import senses_of, terms
from digest.group.words import arabic_stem, tokens

LANGUAGES = ("en", "nl", "de", "it", "fr", "es", "pt", "pl", "sv", "ar")


def topics_of(word: str, language: str) -> set[str]:
    return {sense.topic for sense in senses_of(word, language)}


def listed(language: str) -> Iterator[tuple[str, str]]:
    for entry in topic_entries().values():
        for by_language in (*entry.words.values(), entry.more):
            for word in by_language.get(language, "").split():
                yield entry.name, word


@pytest.mark.parametrize(
    ("word", "language", "topic"),
    [
        ("för", "sv", "sport"),
        ("före", "sv", "sport"),
        ("lager", "sv", "sport"),
        ("läge", "sv", "sport"),
        ("man", "sv", "science-technology"),
        ("ums", "de", "disaster-accident"),
        ("para", "es", "labour"),
        ("las", "es", "science-technology"),
        ("torcie", "pl", "religion"),
        ("tory", "pl", "religion"),
        ("mniej", "pl", "religion"),
        ("partita", "it", "politics"),
        ("partire", "it", "politics"),
        ("parte", "it", "politics"),
        ("parte", "pt", "politics"),
        ("partir", "pt", "politics"),
        ("parte", "pt", "sport"),
        ("künstlich", "de", "arts-culture"),
        ("Beispiel", "de", "sport"),
        ("Land", "de", "science-technology"),
        ("Niederländer", "de", "science-technology"),
        ("Vierungsturm", "de", "weather"),
        ("gesproken", "nl", "health"),
        ("onrechte", "nl", "society"),
        ("prison", "en", "conflict-war"),
    ],
)
def test_a_likeness_of_letters_is_not_enough(word: str, language: str, topic: str) -> None:
    assert topic not in topics_of(word, language)


@pytest.mark.parametrize(
    ("word", "language", "topic"),
    [
        ("partita", "it", "sport"),
        ("partiti", "it", "politics"),
        ("klubem", "pl", "sport"),
        ("rządem", "pl", "politics"),
        ("wyborach", "pl", "politics"),
        ("Kliniken", "de", "health"),
        ("œuvre", "fr", "arts-culture"),
        ("jobs", "en", "labour"),
        ("universo", "it", "science-technology"),
        ("università", "it", "education"),
    ],
)
def test_a_form_of_a_listed_word_counts(word: str, language: str, topic: str) -> None:
    assert topics_of(word, language) == {topic}


@pytest.mark.parametrize(
    ("word", "language", "topic"),
    [
        ("Universitätsbibliothek", "de", "arts-culture"),
        ("Raketenstart", "de", "science-technology"),
        ("Zentralregierungen", "de", "politics"),
        ("hulpziekenhuis", "nl", "health"),
        ("schooldirecteuren", "nl", "education"),
        ("barnsjukhuset", "sv", "health"),
        ("kyrkobyggnad", "sv", "religion"),
    ],
)
def test_the_parts_of_a_compound_count(word: str, language: str, topic: str) -> None:
    assert topic in topics_of(word, language)


def test_compounds_are_for_languages_that_write_them() -> None:
    assert senses_of("superhospital", "fr") == ()


def test_a_word_of_several_topics_says_less_for_each() -> None:
    shared, own = senses_of("jury", "en"), senses_of("premiere", "en")
    assert {s.topic for s in shared} == {"arts-culture", "crime-law"}
    assert {s.topic for s in own} == {"arts-culture"}
    assert max(s.weight for s in shared) < max(s.weight for s in own)


def test_a_phrase_is_one_term() -> None:
    found = list(terms(list(tokens("They fired tear gas at crowds", "en")), "en"))
    assert [t.text for t in found if "gas" in t.text] == ["tear gas"]
    assert {s.topic for t in found for s in t.senses if t.text == "tear gas"} == {"conflict-war"}


def test_further_words_are_no_concept() -> None:
    assert topics_of("astronomer", "en") == {"science-technology"}
    assert senses_of("astronomer", "en", further=False) == ()


@pytest.mark.parametrize("word", ["مرض", "المرض", "والمرض", "للمرض", "أمراض", "الأمراض"])
def test_arabic_words_are_found_behind_article_and_conjunction(word: str) -> None:
    assert topics_of(word, "ar") == {"health"}


def test_arabic_spellings_are_one() -> None:
    assert arabic_stem("الأدوية") == arabic_stem("ادويه")


def test_no_stop_word_stands_for_anything() -> None:
    text = files("digest.group").joinpath("data", "stopwords.toml").read_text(encoding="utf-8")
    for language, words in tomllib.loads(text).items():
        found = {word for word in words.split() if senses_of(word, language) or senses_of(word.upper(), language)}
        assert found == set(), language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_listed_word_is_found_in_a_sentence(language: str) -> None:
    missed = []
    for topic, word in listed(language):
        sentence = list(tokens(f"1 {word.replace('-', ' ')}, 2.", language))
        if topic not in {sense.topic for term in terms(sentence, language) for sense in term.senses}:
            missed.append((topic, word))
    assert missed == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_everyday_words_are_listed_words(language: str) -> None:
    words = {word for _, word in listed(language)}
    assert faint_words(language) - words == set()
    assert whole_words(language) - words == set()
    assert currencies(language)
