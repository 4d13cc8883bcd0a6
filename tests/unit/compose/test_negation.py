"""A sentence that denies something needs an article that does."""

from __future__ import annotations

import pytest

from digest.compose import novelty
from digest.compose.holds import why_not
from digest.compose.negation import unfounded
from digest.pipeline.knowledge import knowledge
from tests.support.making import BRIDGE, article

KNOWN = knowledge(("nl", "de", "en"))
DUTCH = article(1, *BRIDGE, "De gemeente verwacht geen problemen met de tram.", title="Brug in Delft open")
ENGLISH = article(
    2,
    "The library in Delft opened on Monday after two years of work.",
    "Nobody was hurt when a lamp fell in the hall.",
    "The cafe stays closed for the summer.",
    language="en",
    title="Library opens in Delft",
)


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "The library in Delft did not open on Monday after two years of work.", True),
        ("en", "The library in Delft didn’t open on Monday.", True),
        ("en", "The library in Delft opened on Monday.", False),
        ("en", "A lamp that fell in the hall did not hurt anybody.", False),
        ("en", "The cafe does not open for the summer.", False),
        ("de", "Die Bibliothek in Delft wurde nicht eröffnet.", False),  # another language: anywhere
        ("xx", "Not a word of this is known.", False),
    ],
)
def test_a_denial_is_looked_for_near_what_the_sentence_says(language: str, text: str, found: bool) -> None:
    assert unfounded(text, language, [ENGLISH]) is found


@pytest.mark.parametrize(
    ("language", "told", "denied"),
    [
        ("en", "The bridge opens.", "The bridge does not open."),
        ("nl", "De brug gaat open.", "De brug gaat niet open."),
        ("de", "Die Brücke öffnet.", "Die Brücke öffnet nicht."),
        ("fr", "Le pont ouvre.", "Le pont n’ouvre pas."),
        ("it", "Il ponte apre.", "Il ponte non apre."),
        ("es", "El puente abre.", "El puente no abre."),
        ("pt", "A ponte abre.", "A ponte não abre."),
        ("pl", "Most jest otwarty.", "Most nie jest otwarty."),
        ("sv", "Bron öppnar.", "Bron öppnar inte."),
        ("da", "Broen åbner.", "Broen åbner ikke."),
        ("he", "הגשר ייפתח.", "הגשר לא ייפתח."),
        ("ru", "Мост открыт.", "Мост не открыт."),
        ("ar", "يفتح الجسر.", "لن يفتح الجسر."),
        ("sl", "Most se odpre.", "Most se ne odpre."),
    ],
)
def test_in_every_language_that_grouping_knows(language: str, told: str, denied: str) -> None:
    assert unfounded(denied, language, [article(1, told, language=language)])
    assert not unfounded(denied, language, [article(1, denied, language=language)])
    assert not unfounded(told, language, [article(1, told, language=language)])


def test_a_models_sentence_that_says_the_opposite_is_dropped() -> None:
    said = "De oude brug over de Schie gaat maandag niet open voor fietsers."
    assert why_not(said, "nl", [DUTCH], KNOWN) == "it denies what no article denies"
    assert why_not(said.replace("niet ", ""), "nl", [DUTCH], KNOWN) == ""


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "The old bridge over the river will open again on the first of May.",
         "The old bridge over the river will not open again on the first of May."),
        ("en", "The ferry did sail from the harbour on Monday morning, the county said.",
         "The ferry didn't sail from the harbour on Monday morning, the county said."),
        ("nl", "De oude brug over de rivier gaat op één mei weer open voor het verkeer.",
         "De oude brug over de rivier gaat op één mei niet weer open voor het verkeer."),
        ("de", "Die alte Brücke über den Fluss wird am ersten Mai wieder für Autos geöffnet.",
         "Die alte Brücke über den Fluss wird am ersten Mai nicht wieder für Autos geöffnet."),
        ("da", "Den gamle bro over åen åbner igen for biler den første maj.",
         "Den gamle bro over åen åbner ikke igen for biler den første maj."),
        ("en", "Nobody was hurt, and the old bridge over the river will open again in May.",
         "Nobody was hurt, and the old bridge over the river will not open again in May."),
    ],
)  # fmt: skip
def test_the_same_words_with_a_not_among_them_are_news(language: str, one: str, other: str) -> None:
    assert not novelty.told(other, [one], frozenset(), language)
    assert not novelty.told(one, [other], frozenset(), language)
    assert novelty.told(other, [one, other.replace(".", "!")], frozenset(), language)
    assert novelty.told(one.replace(",", ""), [one], frozenset(), language)
