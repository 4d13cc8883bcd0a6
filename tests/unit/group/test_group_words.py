"""Tokens, names and features in several languages."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from digest.group.features import Features, extract
from digest.group.lexicon import is_german_noun
from digest.group.places import place
from digest.group.words import fold, plain_number, stem, tokens
from digest.model.article import Article

Make = Callable[..., Article]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Müller", "muller"),
        ("STRASSE", "strasse"),
        ("Łódź", "lodz"),
        ("Ærø", "aero"),
        ("Путин", "putin"),
        ("Ωμέγα", "omega"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "number"), [("41,200", "41200"), ("41.200", "41200"), ("1,3", "1.3"), ("6.5", "6.5"), ("2024", "2024")]
)
def test_numbers_have_one_spelling(text: str, number: str) -> None:
    assert plain_number(text) == number


def test_elisions_and_possessives() -> None:
    assert [t.text for t in tokens("l'impianto dell’Italia", "it")] == ["impianto", "Italia"]
    assert [t.text for t in tokens("the club's coach isn't here", "en")] == ["the", "club", "coach", "isn", "here"]


def test_sentence_starts() -> None:
    found = [(t.text, t.start) for t in tokens("Hij won. “Mooi”, zei J. Smit.\nEn nu?", "nl")]
    assert [text for text, start in found if start] == ["Hij", "Mooi", "En"]


def test_a_script_without_spaces_gives_pairs() -> None:
    assert [t.text for t in tokens("東京都", "ja")] == ["東京", "京都"]


def test_a_language_without_a_stemmer_keeps_the_beginning() -> None:
    assert stem("predsjednik", "bs") == "predsje"


def test_slovene_words_lose_their_endings() -> None:
    assert {stem(word, "sl") for word in ("predsednik", "predsednika", "predsednikom")} == {"predsednik"}
    assert {stem(word, "sl") for word in ("volitve", "volitvah", "volitev")} >= {"volitv"}
    assert stem("dan", "sl") == "dan"


@pytest.mark.parametrize("word", ["bundestrainer", "verlangerung", "krankenhauser", "stadtverwaltung", "gewinne"])
def test_german_nouns(word: str) -> None:
    assert is_german_noun(word)


@pytest.mark.parametrize("word", ["dewolf", "ancelotti", "valkenrade", "brakel", "leverkusen"])
def test_german_names_are_no_nouns(word: str) -> None:
    assert not is_german_noun(word)


def test_german_words_behind_articles_are_no_names(make: Make) -> None:
    text = """Quimper meldet Ausfall im Fuhrpark
Die Busse blieben im Depot, sagte der Sprecher Elias Moser. Das Depot wird umgebaut, 30 Exemplare fehlen.
Mit der Lufthansa und mit Quimper werde geredet; der Iran und die SPD warten ab."""
    names = set(extract(make(text, "de", "2025-03-04")).names)
    assert {"quimper", "elias moser", "lufthansa", "@ir", "spd"} <= names
    assert names.isdisjoint({"depot", "exemplare", "busse", "fuhrpark"})


def test_places_have_one_name_in_all_languages() -> None:
    assert (
        len({place("germania", "it"), place("deutschland", "de"), place("duitsland", "nl"), place("germany", "en")})
        == 1
    )
    assert place("mailand", "de") == place("milano", "it")


@pytest.mark.parametrize("language", ["de", "en", "it", "nl"])
def test_names_are_found_in_each_language(make: Make, news: SimpleNamespace, language: str) -> None:
    features = extract(make(news.bridge[language], language, "2022-05-17"))
    # A German river is told like a common noun: "in die Oster".
    river = set() if language == "de" else {"oster"}
    assert {"hanne dewolf", "joost brakel", "valkenrade"} | river <= set(features.names)
    assert {"48", "1931"} <= set(features.numbers)
    assert {"disaster-accident.injured", "disaster-accident.disaster"} & set(features.concepts)


def test_german_common_nouns_are_no_names(make: Make, news: SimpleNamespace) -> None:
    names = extract(make(news.bridge["de"], "de", "2022-05-17")).names
    assert not {"brucke", "dienstag", "ingenieur", "untersuchung", "burgermeisterin", "meter"} & set(names)


def test_sentence_starts_and_title_case_are_no_names(make: Make) -> None:
    article = make("Old Bridge Falls Into River In Tessport\nWorkers fled. Nobody in Tessport was hurt.", "en", "2022")
    names = set(extract(article).names)
    assert "tessport" in names
    assert not {"workers", "nobody"} & names


def test_particles_stand_inside_names(make: Make) -> None:
    names = extract(make("Nieuws\nGisteren sprak Anna van Tol over Vila do Monte.", "nl", "2022")).names
    assert {"anna tol", "vila monte"} <= set(names)


def test_a_genitive_is_the_name(make: Make) -> None:
    names = extract(make("Streit\nAm Montag kam Brakel. Heute gilt Brakels Wort.", "de", "2022")).names
    assert "brakels" not in names
    assert names["brakel"] == 2


def test_a_derived_title_counts_less(make: Make) -> None:
    given = extract(make("Dewolf spreekt\nVandaag sprak Dewolf.", "nl", "2022"))
    derived = extract(make("Dewolf spreekt\nVandaag sprak Dewolf.", "nl", "2022", title_given=False))
    assert given.names["dewolf"] > derived.names["dewolf"]


def test_features_survive_json(make: Make, news: SimpleNamespace) -> None:
    features = extract(make(news.bridge["it"], "it", "2022-05-17"))
    again = Features.from_json(features.to_json())
    assert again == features
    assert list(again.names) == list(features.names)
