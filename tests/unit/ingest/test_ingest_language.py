"""Which language a title or a sentence is in; the cases are in language_cases.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from digest.group import lexicon
from digest.ingest.language import LANGUAGES, detect
from digest.settings import IngestSettings

_CASES = tomllib.loads((Path(__file__).parent / "language_cases.toml").read_text(encoding="utf-8"))
KNOWN: dict[str, list[str]] = _CASES["known"]
ALIKE: dict[str, list[str]] = _CASES["alike"]
DEFAULT = tuple(IngestSettings().languages)


def test_what_the_words_are_known_of_is_told_apart_by_default() -> None:
    concept = next(iter(lexicon.concepts().values()))
    assert set(KNOWN) == set(concept.words) <= set(DEFAULT) <= set(LANGUAGES)


@pytest.mark.parametrize("languages", [DEFAULT, LANGUAGES], ids=["default", "all"])
@pytest.mark.parametrize("tongue", KNOWN)
def test_titles_and_sentences(tongue: str, languages: tuple[str, ...]) -> None:
    assert {text: detect(text, languages) for text in KNOWN[tongue]} == dict.fromkeys(KNOWN[tongue], tongue)


@pytest.mark.parametrize("tongue", KNOWN)
def test_a_true_declaration_is_believed_and_a_false_one_is_not(tongue: str) -> None:
    for text in KNOWN[tongue]:
        assert detect(text, DEFAULT, tongue) == tongue
    sentence = KNOWN[tongue][5]
    other = "en" if tongue != "en" else "sl"
    assert detect(sentence, DEFAULT, other) == tongue


@pytest.mark.parametrize("neighbour", ["cs", "sk", "hr"])
def test_slovene_beside_a_neighbour_that_is_listed_too(neighbour: str) -> None:
    languages = (*DEFAULT, neighbour)
    for tongue, texts in (("sl", KNOWN["sl"]), (neighbour, ALIKE[neighbour]), ("da", ALIKE["da"])):
        assert {text: detect(text, languages) for text in texts} == dict.fromkeys(texts, tongue)


@pytest.mark.parametrize("tongue", ALIKE)
def test_a_neighbour_that_says_what_it_is_is_believed(tongue: str) -> None:
    """Listed or not: Croatian from a feed that says so is no Slovene."""
    for text in ALIKE[tongue]:
        assert detect(text, DEFAULT, tongue) == tongue
